extension WorkbenchState {
    /// What was asked for by hand, runs now and would be lost by quitting; nil for nothing. What screens start by
    /// themselves, such as measuring atoms, is not worth a question.
    var workToLose: String? {
        if running != nil { return "An answer is under way" }
        if sessionsScreen.replay == .underWay { return "A replay is under way" }
        if compareScreen.search != nil { return "A search for disagreements is under way" }
        if lensScreen.isRunning { return "Edits are being tried" }
        if atomsScreen.usage.isRunning { return "The use of the atoms is being measured" }
        return nil
    }
}
