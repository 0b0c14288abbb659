import Dispatch
import Foundation
import SpectralKernels
import Synchronization

/// Notices SIGINT and SIGTERM, so that a long job can save before it ends.
/// `@unchecked`: the sources are made and started in `init` and never touched again.
final class Interrupt: @unchecked Sendable {
    private let flag = Atomic<Bool>(false)
    private let sources: [any DispatchSourceSignal]

    var requested: Bool { flag.load(ordering: .relaxed) }

    /// Signals go to the source alone: the caller's thread, which multiplies, is never stopped for them.
    init() {
        blockInterrupts()
        let queue = DispatchQueue(label: "signals")
        sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            return DispatchSource.makeSignalSource(signal: number, queue: queue)
        }
        for source in sources {
            source.setEventHandler { [weak self] in self?.flag.store(true, ordering: .relaxed) }
            source.resume()
        }
    }
}
