import Foundation

/// A thread for work that blocks, such as waiting for keys: the threads that tasks share are as few as the cores, and
/// the runner needs them.
public enum OwnThread {
    /// Runs `body` on a new thread and returns what it returns.
    public static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result(catching: body)) }.start()
        }
    }
}
