// Threads that wait for one job after another.
//
// Why not a queue of Dispatch: with other work on the machine it was seen to run both halves of a step on one thread.

import Dispatch
import Foundation
import SpectralKernels

/// A fixed number of threads that run a job together; the caller's is one of them. One caller at a time.
final class ThreadTeam {
    /// `@unchecked`: `job` is written before the members are woken and again after all have reported.
    private final class Shared: @unchecked Sendable {
        var job: ((Int) -> Void)?
        let starts: [DispatchSemaphore]
        let finished = DispatchSemaphore(value: 0)

        init(_ members: Int) { starts = (0..<members).map { _ in DispatchSemaphore(value: 0) } }
    }

    let count: Int
    private let shared: Shared

    /// - Parameter count: threads, at least 1.
    init(count: Int) {
        self.count = count
        let shared = Shared(count - 1)
        self.shared = shared
        for (i, start) in shared.starts.enumerated() {
            let thread = Thread {
                blockInterrupts()
                while true {
                    start.wait()
                    guard let job = shared.job else { return }
                    job(i + 1)
                    shared.finished.signal()
                }
            }
            // As much as a main thread has; the default of others is a sixteenth of it.
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    deinit { for start in shared.starts { start.signal() } }

    /// Calls `body` once on each thread, with its number, and returns when all have.
    ///
    /// - Parameter body: escaping only because a thread may let go of it a moment after it has reported.
    func run(_ body: @escaping (Int) -> Void) {
        shared.job = body
        for start in shared.starts { start.signal() }
        body(0)
        for _ in shared.starts { shared.finished.wait() }
        shared.job = nil
    }
}
