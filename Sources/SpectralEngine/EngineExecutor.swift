import Dispatch

/// Runs an engine's work on a queue of its own: a step takes as long as it takes, and must not hold one of the few
/// threads that all other tasks share.
final class EngineExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "engine", qos: .userInitiated)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
