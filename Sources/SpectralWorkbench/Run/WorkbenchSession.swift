import Foundation
import SpectralScreen

/// State, runner and mailbox held together: what both the terminal and a script drive. One thread owns it.
public final class WorkbenchSession {
    public private(set) var state: WorkbenchState
    /// How many keys have been applied, for those who take times.
    public private(set) var keysApplied = 0
    /// Whether nothing runs.
    public var isIdle: Bool { runner.isIdle }
    /// Whether the whole screen is to be sent again; read and lowered by whoever presents it.
    public var wantsRedraw = false
    let mailbox: Mailbox
    let runner: Runner
    private let viewKeeper: ViewKeeper?

    /// Puts back the view that was kept, if that is wanted.
    ///
    /// - Parameters:
    ///   - showsTimes: whether milliseconds are shown; they differ from run to run.
    ///   - onMail: called on any thread when `applyMail` has something to do.
    ///   - onView: called on another thread with what the file of the view should hold, before it does.
    public init(
        options: WorkbenchOptions, size: ScreenSize, showsTimes: Bool = true, onMail: @escaping @Sendable () -> Void = {},
        onView: @escaping @Sendable (Data) -> Void = { _ in }
    ) {
        state = WorkbenchState(size: size, k: options.k)
        state.showsTimes = showsTimes
        let mailbox = Mailbox(onMail: onMail)
        self.mailbox = mailbox
        runner = Runner(options: options, mailbox: mailbox)
        viewKeeper = options.viewPath.map { path in
            ViewKeeper(path: path, announce: onView, onProblem: { mailbox.post(.notice($0)) })
        }
        guard options.restoresView, let path = options.viewPath else { return }
        let (view, problem) = ViewFile.read(path)
        if let view { state.restore(view, restoresK: options.restoresK, restoresImages: options.restoresImages) }
        if let problem { apply(.notice(problem)) }
    }

    /// Begins to load the checkpoint and to list the images.
    public func start() {
        state.beginning.forEach(runner.run)
    }

    public func apply(_ action: Action) {
        if case .key = action { keysApplied += 1 }
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

    /// Hands the view over to be kept. Not for the drawing's sake: after it.
    public func keepView() {
        guard let viewKeeper else { return }
        viewKeeper.keep(ViewSnapshot(state, previous: viewKeeper.latest))
    }

    /// Stops whatever runs, and writes the view.
    public func stop() {
        runner.cancelAll()
        keepView()
        viewKeeper?.finish()
    }
}
