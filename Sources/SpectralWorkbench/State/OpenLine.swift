import SpectralScreen

extension WorkbenchState {
    /// Whether a pane has a line open that takes all keys, such as a filter: not the prompt, which has keys of its own, nor
    /// what stands over the panes.
    var isWritingInPane: Bool { overlay == nil && focus != .prompt && openLine != nil }

    /// The line that takes letters and pasted text now; nil where keys are commands. Setting it to nil changes nothing:
    /// each screen closes its own line.
    var openLine: PromptLine? {
        get {
            switch overlay {
            case .saving(let line), .searching(let line): return line
            case .palette(let palette): return palette.line
            case .help(let help): return help.line
            case .quitQuestion: return nil
            case nil: break
            }
            switch screen {
            case .ask: return focus == .prompt ? prompt : nil
            case .atoms: return atomsScreen.filterLine
            case .compare: return compareScreen.line
            case .lens: return lensScreen.line
            case .sessions: return sessionsScreen.writing == nil ? nil : sessionsScreen.line
            }
        }
        set {
            guard let newValue else { return }
            switch overlay {
            case .saving: return overlay = .saving(newValue)
            case .searching: return overlay = .searching(newValue)
            case .palette(var palette):
                palette.write(newValue)
                return overlay = .palette(palette)
            case .help(var help):
                help.line = newValue
                return overlay = .help(help)
            case .quitQuestion: return
            case nil: break
            }
            switch screen {
            case .ask: prompt = newValue
            case .atoms: atomsScreen.filterLine = newValue
            case .compare: compareScreen.line = newValue
            case .lens: lensScreen.line = newValue
            case .sessions: sessionsScreen.line = newValue
            }
        }
    }
}
