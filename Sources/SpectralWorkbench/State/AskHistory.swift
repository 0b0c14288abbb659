// Prompts used before, and which turn a new one comes from: pure.

import SpectralScreen

extension WorkbenchState {
    /// Prompts in the order that Up goes back through them, last first: those asked about this image after all others.
    var recalledPrompts: [String] {
        var own: [String] = []
        for turn in conversation where turn.request.task.takesWords {
            own.removeAll { $0 == turn.request.prompt }
            own.append(turn.request.prompt)
        }
        return promptHistory.filter { !own.contains($0) } + own
    }

    /// Steps through prompts used before; past the last one the line that was being written is back.
    mutating func recall(_ step: Int) {
        let prompts = recalledPrompts
        guard !prompts.isEmpty, historyPlace != nil || step < 0 else { return }
        if historyPlace == nil { promptDraft = prompt.text }
        let place = (historyPlace ?? prompts.count) + step
        guard place < prompts.count else {
            historyPlace = nil
            promptOrigin = nil
            prompt.set(promptDraft)
            return
        }
        historyPlace = max(0, place)
        prompt.set(prompts[max(0, place)])
        promptOrigin = conversation.last { $0.request.prompt == prompt.text }?.id
        if !task.takesWords { task = tasks.first(where: \.takesWords) ?? task }
    }

    /// The turn that a request comes from: only what was written on the prompt line comes from one.
    mutating func takeOrigin() -> Int? {
        guard focus == .prompt else { return nil }
        defer { promptOrigin = nil }
        return promptOrigin
    }

    /// An empty line that is left, or given another task, has nothing more of the turn it came from; other words written
    /// in place of those put there are still that turn asked again.
    mutating func forgetOriginOfEmptyPrompt() {
        if prompt.isEmpty { promptOrigin = nil }
    }
}
