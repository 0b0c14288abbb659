// What a model says of the images of a data set: captions, and answers to questions.

import Foundation
import SpectralFormats
import SpectralKernels
import SpectralModel

/// Why a model has nothing to say.
public enum ModelOutputError: Error, CustomStringConvertible, Equatable {
    case notANumber(question: Int)

    public var description: String {
        switch self {
        case .notANumber(let question):
            return "the model's answer to question \(question) is not a number: its weights are too large; use another checkpoint"
        }
    }
}

/// How to run a model over a data set.
public struct OutputPlan: Sendable {
    /// Vision atoms.
    public var k: Int
    /// How captions are chosen.
    public var strategy: DecodingStrategy
    /// Shows a uniformly grey image instead.
    public var blank: Bool

    public init(k: Int, strategy: DecodingStrategy = .greedy, blank: Bool = false) {
        self.k = k
        self.strategy = strategy
        self.blank = blank
    }

    /// Images in a pass.
    static let images = 16
    /// Questions in a pass.
    static let questions = 128

    public var decoding: String {
        switch strategy {
        case .greedy: "greedy"
        case .beam(let width, let penalty): "beam \(width)" + (penalty == 1 ? "" : ", length penalty \(penalty)")
        case .nucleus(let topP, let temperature, let seed): "top-p \(topP), temperature \(temperature), seed \(seed)"
        }
    }
}

extension LoadedModel {
    /// Captions of images, in order and a batch at a time.
    ///
    /// - Parameters:
    ///   - images: ids and paths.
    ///   - unreadable: told of each image that cannot be read; its caption is empty.
    ///   - each: given the outputs of each batch; what it returns says whether to go on.
    public func writeCaptions(
        of images: [(id: Int, path: String)], _ plan: OutputPlan, unreadable: (String) -> Void,
        each: ([ModelOutput]) throws -> Bool
    ) throws {
        for first in stride(from: 0, to: images.count, by: OutputPlan.images) {
            let batch = images[first..<min(first + OutputPlan.images, images.count)]
            var read: [PixelImage] = [], places: [Int?] = []
            for image in batch {
                if let pixels = Self.load(image.path, unreadable) {
                    places.append(read.count)
                    read.append(pixels)
                } else {
                    places.append(nil)
                }
            }
            let texts = captions(read, plan)
            let outputs = zip(batch, places).map { image, place in
                ModelOutput(id: image.id, text: place.map { texts[$0] } ?? "", isUnreadable: place == nil)
            }
            guard try each(outputs) else { return }
        }
    }

    private func captions(_ images: [PixelImage], _ plan: OutputPlan) -> [String] {
        guard !images.isEmpty else { return [] }
        guard plan.strategy == .greedy else {
            return images.map {
                let seen = see($0, k: plan.k)
                return caption(plan.blank ? see(seen, altered: .blank) : seen, strategy: plan.strategy).caption
            }
        }
        return greedyCaptions(see(images, k: plan.k, blank: plan.blank), count: images.count).map {
            $0.trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    /// Answers to questions, each the likeliest of the checkpoint's list, in order and a batch at a time.
    ///
    /// - Parameters: as those of `writeCaptions(of:_:unreadable:each:)`.
    public func giveAnswers(
        to questions: [AskedQuestion], _ plan: OutputPlan, unreadable: (String) -> Void, each: ([ModelOutput]) throws -> Bool
    ) throws {
        var start = 0
        while start < questions.count {
            var end = start, paths: [String: Int?] = [:], read: [PixelImage] = []
            while end < questions.count, end - start < OutputPlan.questions {
                let path = questions[end].image
                if paths[path] == nil {
                    guard paths.count < OutputPlan.images else { break }
                    if let pixels = Self.load(path, unreadable) {
                        paths[path] = .some(read.count)
                        read.append(pixels)
                    } else {
                        paths[path] = .some(nil)
                    }
                }
                end += 1
            }
            let batch = Array(questions[start..<end]), asked = batch.filter { (paths[$0.image] ?? nil) != nil }
            var texts: [Int: String] = [:]
            if !asked.isEmpty {
                let seen = see(read, k: plan.k, blank: plan.blank)
                let rows = answerProbabilities(
                    seen, imageOf: asked.compactMap { paths[$0.image] ?? nil }, questions: asked.map(\.question))
                for (question, row) in zip(asked, rows) {
                    guard row.allSatisfy(\.isFinite), let best = row.indices.max(by: { row[$0] < row[$1] }) else {
                        throw ModelOutputError.notANumber(question: question.id)
                    }
                    texts[question.id] = answers[best]
                }
            }
            let outputs = batch.map { ModelOutput(id: $0.id, text: texts[$0.id] ?? "", isUnreadable: texts[$0.id] == nil) }
            guard try each(outputs) else { return }
            start = end
        }
    }

    private static func load(_ path: String, _ unreadable: (String) -> Void) -> PixelImage? {
        do { return try ImageFile.load(path) } catch {
            unreadable("\(error)")
            return nil
        }
    }
}
