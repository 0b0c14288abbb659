// Scenes shared out among threads, each with a model of its own.

import Dispatch
import Foundation
import SpectralModel
import Synchronization

/// Runs a job on batches of scenes.
enum SceneWorkers {
    private struct State<Value: Sendable>: Sendable {
        var next = 0
        var done = 0
        var values: [Int: Value] = [:]
        var problem: (any Error)?
    }

    /// What `body` made of each batch, in the order of batches, however many threads there were.
    ///
    /// - Parameters:
    ///   - path: of the checkpoint, which every thread loads for itself.
    ///   - count: scenes in all; a batch has `batch` of them or what is left.
    ///   - progress: scenes done so far; one call at a time.
    /// - Throws: what loading or `body` threw first.
    static func run<Value: Sendable>(
        path: String, transform: Transform, count: Int, batch: Int, threads: Int, progress: @Sendable (Int) -> Void,
        _ body: @Sendable (LoadedModel, Range<Int>) throws -> Value
    ) throws -> [Value] {
        let state = Mutex(State<Value>()), batches = (count + batch - 1) / batch
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, batches))) { _ in
            do {
                let model = try LoadedModel(path: path, transform: transform)
                while true {
                    let own = state.withLock { state in
                        defer { state.next += 1 }
                        return state.problem == nil ? state.next : batches
                    }
                    guard own < batches else { return }
                    let scenes = own * batch..<min(count, (own + 1) * batch), value = try body(model, scenes)
                    state.withLock { state in
                        state.values[own] = value
                        state.done += scenes.count
                        progress(state.done)
                    }
                }
            } catch {
                state.withLock { $0.problem = $0.problem ?? error }
            }
        }
        return try state.withLock { state in
            if let problem = state.problem { throw problem }
            return (0..<batches).compactMap { state.values[$0] }
        }
    }
}
