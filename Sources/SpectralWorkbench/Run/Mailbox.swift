import Dispatch
import Synchronization

/// Actions on their way from workers to the one thread that owns the state.
public final class Mailbox: Sendable {
    private let waiting = Mutex<[Action]>([])
    private let bell = DispatchSemaphore(value: 0)
    private let onMail: @Sendable () -> Void

    /// - Parameter onMail: called on any thread when there is something to look at.
    public init(onMail: @escaping @Sendable () -> Void = {}) { self.onMail = onMail }

    public func post(_ action: Action) {
        waiting.withLock { $0.append(action) }
        ring()
    }

    /// Ends a wait without mail: a worker has come to its end.
    func ring() {
        bell.signal()
        onMail()
    }

    /// All that has come, oldest first.
    public func takeAll() -> [Action] {
        waiting.withLock { actions in
            defer { actions.removeAll() }
            return actions
        }
    }

    func takeFirst() -> Action? { waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() } }

    /// Waits for the next ring; false when `seconds` pass without one.
    func wait(seconds: Int) -> Bool { bell.wait(timeout: .now() + .seconds(seconds)) == .success }
}
