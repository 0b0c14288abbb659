// What an action does to the state, and what is then to be done. Pure: the same state and action always give the same.

import SpectralEngine
import SpectralScreen

/// Applies `action` and returns what it asks for, in order.
public func update(_ state: inout WorkbenchState, _ action: Action) -> [Effect] {
    var effects: [Effect] = []
    switch action {
    case .key(let key): effects = state.press(key)
    case .paste(let text):
        if state.openLine != nil {
            state.openLine?.insert(text)
        } else if state.overlay == nil {
            state.notice = "pasting works in the prompt line: press a first"
        }
    case .resize(let size): state.size = size
    case .mouse(let action, let row, let column): effects = state.point(action, row: row, column: column)
    case .saved(let line): state.notice = line
    case .notice(let line): state.notice = line
    case .refresh: effects = [.redraw]
    case .checkpointLoaded(let facts):
        state.checkpoint = .done(facts)
        if let k = state.k, k > facts.visionAtoms {
            state.k = nil
            state.notice = "K \(k) is more than this checkpoint has: using all \(facts.visionAtoms)"
        }
        if !facts.tasks.contains(state.task) { state.task = facts.tasks.first ?? state.task }
        if let warning = facts.warnings.first { state.notice = warning }
    case .checkpointFailed(let line): state.checkpoint = .failed(line)
    case .imagesListed(let paths, let problem):
        // What was opened meanwhile is not put aside again.
        if state.imageSources.isEmpty { effects = state.list(paths, problem) }
    case .imagesOpened(let sources, let paths): effects = state.hearOpened(sources, paths)
    case .imagesNotOpened(let sources, let problem): effects = state.hearNotOpened(sources, problem)
    case .pathsCompleted(let query, let found): state.hear(query, found)
    case .imageRead(let path, let status):
        for index in state.images.indices where state.images[index].path == path { state.images[index].status = status }
    case .engine(let turn, let event): effects = state.hear(turn, event)
    case .measured(let id, let part):
        guard let place = state.place(ofTurn: id), state.turns[place].measurement.status == .running else { break }
        let chosen = state.shownTurn?.id == id ? state.selectedAtom?.address : nil
        state.turns[place].measurement = part.measurement
        guard state.shownTurn?.id == id else { break }
        // Rows move as stacks come in. A choice that was made stays with its atom; else the strongest atom that has a
        // place in the image is shown, since a text atom's spectrum is a line.
        state.follow(state.atomIsChosen ? chosen : nil)
    case .measurementEnded(let id, let isComplete):
        guard let place = state.place(ofTurn: id), state.turns[place].measurement.status == .running else { break }
        state.turns[place].measurement.status = isComplete ? .done : .stopped
    case .measurementFailed(let id, let line):
        guard let place = state.place(ofTurn: id), state.turns[place].measurement.status == .running else { break }
        state.turns[place].measurement.status = .failed(line)
    case .atomViewed(let view):
        guard state.requestedView == AtomViewRequest(turn: view.turn, address: view.address, word: view.word) else { break }
        if state.atomView?.address != view.address || state.atomView?.turn != view.turn {
            state.spectrumCursor = nil
        }
        state.atomView = view
    case .atomViewFailed(let request, let line):
        if state.requestedView == request { state.notice = line }
    case .sessionsListed, .sessionOpened, .sessionRecording, .sessionGrown, .sessionFailed, .replayed, .replayEnded:
        effects = state.hearSessions(action)
    case .atomsListed, .atomsFailed, .atomDetailed, .atomDetailFailed, .coherent: state.atomsScreen.hear(action)
    case .usage(let news): state.hearUsage(news)
    case .compare(let news): effects = state.hearCompare(news)
    case .lens(let id, let news): state.lensScreen.hear(id, news)
    }
    effects += state.restoreWhatFits() + state.settle()
    return effects
}

extension WorkbenchState {
    func place(ofTurn id: Int) -> Int? { turns.lastIndex { $0.id == id } }

    mutating func list(_ paths: [String], _ problem: String?) -> [Effect] {
        let path = selectedImage?.path
        let known = Dictionary(images.map { ($0.path, $0.status) }, uniquingKeysWith: { first, _ in first })
        images = paths.map { path in
            var entry = ImageEntry(path: path)
            // What was broken may have been mended meanwhile.
            if case .ready? = known[path], let status = known[path] { entry.status = status }
            return entry
        }
        imagesProblem = problem
        // Beside others in the list it would stand nowhere.
        if let problem, !paths.isEmpty { notice = problem }
        isListing = false
        imageList = ListState()
        imageList.select(path.flatMap { path in paths.firstIndex(of: path) } ?? 0, count: images.count)
        return readNearby()
    }

    /// Reads the selected image again, for it may have changed, and its neighbours unless known: moving on then shows
    /// them at once.
    func readNearby() -> [Effect] {
        guard let image = selectedImage else { return [] }
        // What cannot be read has no preview to have ready: the next that may have one is looked at instead.
        let neighbours = [1, -1].compactMap { step in
            var row = imageList.selected + step
            while images.indices.contains(row), case .broken = images[row].status { row += step }
            return images.indices.contains(row) && images[row].status == .unread ? row : nil
        }
        return [.readImage(path: image.path)] + neighbours.map { .readImage(path: images[$0].path) }
    }

    mutating func hear(_ id: Int, _ event: EngineEvent) -> [Effect] {
        guard let place = place(ofTurn: id), turns[place].isUnderWay else { return [] }
        switch event {
        case .started(let k):
            turns[place].status = .running
            turns[place].k = k
        case .warning(let line): turns[place].warnings.append(line)
        case .token(let token): turns[place].tokens.append(token)
        case .candidates(let candidates): turns[place].candidates = candidates
        case .box(let box): turns[place].box = box
        case .failed(let line): turns[place].status = .failed(line)
        case .finished(let result):
            turns[place].status = .done
            turns[place].milliseconds = result.milliseconds
            turns[place].k = result.k
            turns[place].warnings = result.warnings
            switch result.output {
            case .caption(let made):
                turns[place].caption = made.caption
                turns[place].tokens = made.tokens
            case .answer(let made): turns[place].candidates = made.candidates
            case .box(let made): turns[place].box = made.box
            }
            return recording(of: place) + measure(place)
        }
        return []
    }

    /// Starts measuring the atoms of a finished turn, in place of any other.
    mutating func measure(_ place: Int) -> [Effect] {
        guard facts?.hasAtoms == true, turns[place].status == .done else { return [] }
        let stopped = stopMeasuring()
        turns[place].measurement.status = .running
        return stopped + [.measure(id: turns[place].id, turns[place].request)]
    }

    mutating func stopMeasuring() -> [Effect] {
        var effects: [Effect] = []
        for index in turns.indices where turns[index].measurement.status == .running {
            turns[index].measurement.status = .stopped
            effects.append(.cancel(id: turns[index].id))
        }
        return effects
    }

    /// Puts a request to the engine; says why if it cannot.
    mutating func send(_ task: AskTask, prompt text: String) -> [Effect] {
        if let line = refusal(of: task) { return refuse(line) }
        switch checkpoint {
        case .underWay: return refuse("the checkpoint is still loading")
        case .failed: return refuse("there is no checkpoint to ask; start again with --checkpoint DIR")
        case .done: break
        }
        guard let image = selectedImage else { return refuse("there is no image; :images PATH lists a folder") }
        if case .broken(let line) = image.status { return refuse(line) }
        if running != nil { return refuse("an answer is under way; Esc stops it") }
        let words = text.split { $0 == " " }.joined(separator: " ")
        if task.takesWords, words.isEmpty {
            return refuse(task == .ask ? "write a question first" : "write what to find first, for instance: the red circle")
        }
        let effects = stopMeasuring()
        lastTurnID += 1
        let request = TurnRequest(imagePath: image.path, task: task, prompt: task.takesWords ? words : "", k: k)
        turns.append(Turn(id: lastTurnID, request: request, parent: takeOrigin()))
        choose(lastTurnID)
        if task.takesWords {
            promptHistory.removeAll { $0 == words }
            promptHistory.append(words)
        }
        // The palette asks too, and leaves what is being written there alone.
        if focus == .prompt {
            if task.takesWords { prompt.clear() }
            historyPlace = nil
        }
        return effects + [.answer(id: lastTurnID, request)]
    }

    /// Why the checkpoint is not asked for this; `nil` when it can be.
    func refusal(of task: AskTask) -> String? {
        guard !tasks.contains(task) else { return nil }
        return "this checkpoint \(tasks.map(\.deed).joined(separator: " and ")) only; --checkpoint names another"
    }

    /// Turns the prompt line to a task and goes there.
    mutating func write(_ task: AskTask) {
        if let line = refusal(of: task) { return notice = line }
        self.task = task
        setFocus(.prompt)
    }

    mutating func refuse(_ line: String) -> [Effect] {
        notice = line
        return []
    }

    /// Shows a turn of the selected image, with its atoms.
    mutating func choose(_ id: Int) {
        guard let path = selectedImage?.path else { return }
        if shownTurn?.id != id {
            atomList = ListState()
            atomIsChosen = false
        }
        chosenTurn[path] = id
        conversationScroll = 0
    }

    /// Brings whatever depends on the rest in line, and asks for the look at the atom that is selected now.
    mutating func settle() -> [Effect] {
        settleChoice()
        if focus != .prompt { forgetOriginOfEmptyPrompt() }
        switch focus {
        case .atoms: showsAtoms = true
        case .spectrum: (showsAtoms, showsAlignment) = (true, false)
        case .alignment: (showsAtoms, showsAlignment) = (true, true)
        case .conversation, .prompt: showsAtoms = false
        case .images: break
        case .table, .field, .pixels, .usage, .coherence: return settleAtoms()
        case .figures, .maps, .matches: return settleCompare()
        case .edits, .result, .controls, .rank: return settleLens()
        case .entries, .entry: return settleSessions()
        }
        let layout = layout
        imageList = imageList.scrolled(count: images.count, height: layout.listRows(of: .images))
        let rows = shownAtoms.count
        atomList = atomList.scrolled(count: rows, height: layout.listRows(of: .atoms))
        spectrumChoice = shownView.map { min(max(0, spectrumChoice), $0.spectra.count - 1) } ?? spectrumChoice
        guard let turn = shownTurn, let atom = selectedAtom else { return [] }
        let wanted = AtomViewRequest(turn: turn.id, address: atom.address, word: alignedWord)
        guard wanted != requestedView else { return [] }
        requestedView = wanted
        return [.viewAtom(wanted, turn.request)]
    }
}
