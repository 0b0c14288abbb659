// Where columns disagree: the next such image or question of many.

import SpectralFormats
import SpectralModel

/// An image and a request on which a column disagrees with the first.
public struct Disagreement: Sendable, Equatable {
    public let path: String
    public let request: ComparisonRequest
    public let comparison: Comparison
}

/// How far a search has come.
public struct SearchProgress: Sendable, Equatable {
    /// Images looked at before this one.
    public let done: Int
    public let total: Int
    /// The image turned to.
    public let path: String
    /// Why it is passed over, one line; `nil` for an image that is looked at.
    public let problem: String?
}

/// Asks columns everything about every image, in order, and gives what they disagree on.
///
///     var search = DisagreementSearch(sources, images: paths, requests: requests).makeAsyncIterator()
///     let next = try await search.next()
///
/// `next` returns `nil` after the last. When its task is cancelled it throws `CancellationError`, and the iterator
/// stands where it stood: the next call looks at the same image again. Images that cannot be read are reported and
/// passed over.
public struct DisagreementSearch: AsyncSequence, Sendable {
    public typealias Element = Disagreement

    private let sources: [ComparisonSource]
    private let images: [String]
    private let requests: [ComparisonRequest]
    private let load: @Sendable (String) throws -> PixelImage
    private let progress: @Sendable (SearchProgress) -> Void

    /// - Parameters:
    ///   - requests: asked of every image; without any, its caption.
    ///   - load: how a path becomes an image.
    ///   - progress: told of every image before it is looked at.
    public init(
        _ sources: [ComparisonSource], images: [String], requests: [ComparisonRequest] = [],
        load: @escaping @Sendable (String) throws -> PixelImage = { try ImageFile.load($0) },
        progress: @escaping @Sendable (SearchProgress) -> Void = { _ in }
    ) {
        self.sources = sources
        self.images = images
        self.requests = requests.isEmpty ? [ComparisonRequest(warmsUp: false)] : requests
        self.load = load
        self.progress = progress
    }

    public func makeAsyncIterator() -> Iterator { Iterator(search: self) }

    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let search: DisagreementSearch
        /// Images looked at.
        public private(set) var done = 0
        /// Found on the image looked at last, not yet given.
        private var found: [Disagreement] = []

        fileprivate init(search: DisagreementSearch) { self.search = search }

        public mutating func next() async throws -> Disagreement? {
            while found.isEmpty, done < search.images.count {
                try Task.checkCancellation()
                let path = search.images[done]
                if let image = search.open(path, done: done) {
                    let comparisons = try await Comparison.run(search.sources, image: image, requests: search.requests)
                    found = zip(search.requests, comparisons).filter(\.1.isDisagreement)
                        .map { Disagreement(path: path, request: $0, comparison: $1) }
                }
                done += 1
            }
            return found.isEmpty ? nil : found.removeFirst()
        }
    }

    private func open(_ path: String, done: Int) -> PixelImage? {
        func report(_ problem: String?) {
            progress(SearchProgress(done: done, total: images.count, path: path, problem: problem))
        }
        do {
            let image = try load(path)
            report(nil)
            return image
        } catch {
            report("\(error)")
            return nil
        }
    }
}
