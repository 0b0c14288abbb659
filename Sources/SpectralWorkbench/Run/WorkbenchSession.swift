import SpectralScreen

/// State, runner and mailbox held together: what both the terminal and a script drive. One thread owns it.
public final class WorkbenchSession {
    public private(set) var state: WorkbenchState
    /// Whether the whole screen is to be sent again; read and lowered by whoever presents it.
    public var wantsRedraw = false
    let mailbox: Mailbox
    let runner: Runner

    /// - Parameters:
    ///   - showsTimes: whether milliseconds are shown; they differ from run to run.
    ///   - onMail: called on any thread when `applyMail` has something to do.
    public init(
        options: WorkbenchOptions, size: ScreenSize, showsTimes: Bool = true, onMail: @escaping @Sendable () -> Void = {}
    ) {
        state = WorkbenchState(size: size, k: options.k)
        state.showsTimes = showsTimes
        mailbox = Mailbox(onMail: onMail)
        runner = Runner(options: options, mailbox: mailbox)
    }

    /// Begins to load the checkpoint and to list the images.
    public func start() {
        runner.run(.loadCheckpoint)
        runner.run(.listImages)
    }

    public func apply(_ action: Action) {
        for effect in update(&state, action) {
            if effect == .redraw { wantsRedraw = true } else { runner.run(effect) }
        }
    }

    /// Applies what has come from the runner; returns how much that was.
    @discardableResult
    public func applyMail() -> Int {
        let actions = mailbox.takeAll()
        for action in actions { apply(action) }
        return actions.count
    }

    public func frame(_ look: Look) -> Frame {
        // What is saved looks like what is shown.
        if state.saving.look != look { state.saving.look = look }
        return ScreenView.draw(state, look: look)
    }

    /// Stops whatever runs.
    public func stop() { runner.cancelAll() }
}
