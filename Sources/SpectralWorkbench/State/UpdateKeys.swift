// What keys do.

import SpectralModel
import SpectralScreen

extension WorkbenchState {
    mutating func press(_ key: Key) -> [Effect] {
        notice = nil
        guard ScreenLayout.fits(size) else {
            // There is nothing to see: only leaving makes sense.
            if key == .character("q") || key == .control("q") { return quit() }
            return []
        }
        switch overlay {
        case .help(let help): return pressInHelp(key, help)
        case .quitQuestion: return answerQuitQuestion(key)
        case .saving(let line): return pressWhileSaving(key, line)
        case .palette(let palette): return pressInPalette(key, palette)
        case .searching(let line): return pressInSearch(key, line)
        case nil: break
        }
        if openLine != nil { return pressInLine(key) }
        // What a search has marked is plain again.
        if key == .escape { search.pane = nil }
        guard let command = KeyMap.command(for: key, in: focus) else {
            if case .character(let character) = key {
                notice = "\(KeyMap.name(of: .character(character))) does nothing here; ? lists the keys"
            }
            return []
        }
        return perform(command)
    }

    /// The line that is being written has all keys.
    private mutating func pressInLine(_ key: Key) -> [Effect] {
        switch screen {
        case .ask: pressInPrompt(key)
        case .atoms: pressInFilter(key)
        case .compare: pressInColumnLine(key)
        case .lens: pressInEditLine(key)
        case .sessions: pressInSessionLine(key)
        }
    }

    private mutating func pressInPrompt(_ key: Key) -> [Effect] {
        if let command = KeyMap.command(for: key, in: .prompt) { return perform(command) }
        guard task.takesWords else {
            // A caption takes no words: typing means that a question is wanted.
            guard case .character = key else { return [] }
            task = .ask
            promptOrigin = nil
            _ = prompt.handle(key)
            return []
        }
        if prompt.handle(key) { historyPlace = nil }
        return []
    }

    /// What a command means on the screen in view, if it means something of its own there, else what it always means.
    mutating func perform(_ command: Command) -> [Effect] { performOnScreen(command) ?? performAnywhere(command) }

    private mutating func performOnScreen(_ command: Command) -> [Effect]? {
        switch screen {
        case .ask: nil
        case .atoms: performOnAtoms(command)
        case .compare: performOnCompare(command)
        case .lens: performOnLens(command)
        case .sessions: performOnSessions(command)
        }
    }

    private mutating func performAnywhere(_ command: Command) -> [Effect] {
        switch command {
        case .go(let screen): go(to: screen)
        case .muteAtom: return mutePointedAtom()
        case .palette: return openPalette()
        case .search: overlay = .searching(PromptLine())
        case .nextMatch: return findMatch(1)
        case .previousMatch: return findMatch(-1)
        case .toggleMouse: toggleMouse()
        case .focusNext: focus = neighbour(1)
        case .focusPrevious: focus = neighbour(-1)
        case .focus(let pane): focus = pane
        case .up: return move(rows: -1)
        case .down: return move(rows: 1)
        case .left:
            if isOnHeatmap { moveCursor(rows: 0, columns: -1) } else { focus = neighbour(-1) }
        case .right:
            if isOnHeatmap { moveCursor(rows: 0, columns: 1) } else { focus = neighbour(1) }
        case .pageUp: return page(-1)
        case .pageDown: return page(1)
        case .first: return jump(toEnd: false)
        case .last: return jump(toEnd: true)
        case .enter: return enter()
        case .escape: return escape()
        case .nextTask:
            task = task.next(of: tasks)
            forgetOriginOfEmptyPrompt()
        case .ask: write(.ask)
        case .ground: write(.ground)
        case .caption:
            showsAtoms = false
            if ![.images, .conversation].contains(focus) { setFocus(.conversation) }
            return send(.caption, prompt: "")
        case .fewerAtoms: return changeK(halving: true)
        case .moreAtoms: return changeK(halving: false)
        case .nextSpectrum:
            guard let view = shownView else { return refuse("no atom is selected yet") }
            spectrumChoice = (spectrumChoice + 1) % view.spectra.count
            spectrumCursor = nil
            if view.spectra.count == 1 {
                notice = "this atom has one spectrum: only vision atoms see pixels"
            } else if layout.place(of: .spectrum) == nil {
                notice = "the next spectrum; Tab goes to it"
            }
        case .previousWord: return stepWord(-1)
        case .nextWord: return stepWord(1)
        case .toggleOverlay: return toggleOverlay()
        case .nextAlignment:
            let all = AlignmentMode.allCases
            alignmentMode = all[(all.firstIndex(of: alignmentMode)! + 1) % all.count]
            if layout.place(of: .alignment) == nil { notice = "map of image and words: \(alignmentMode.rawValue); Tab goes to it" }
        case .reload:
            isListing = true
            notice = "reading the folder again"
            guard !imageSources.isEmpty else { return [.listImages] }
            imagesOpening = imageSources
            return [.openImages(imageSources, known: knownPaths)]
        case .redraw: return [.redraw]
        case .help: overlay = .help(HelpState())
        case .save, .saveScreen: askForFileName(wholeScreen: command == .saveScreen)
        case .nextScale, .nextFloor: return changeScale(command)
        case .quit: return quit()
        case .previousPrompt: recall(-1)
        case .nextPrompt: recall(1)
        // A command of a screen that is not in view: no key brings it here.
        default: break
        }
        return []
    }

    private var isOnHeatmap: Bool { focus == .spectrum || focus == .alignment }

    /// Moves the focus, to another screen if the pane is there.
    mutating func setFocus(_ pane: Pane) {
        if pane.screen != screen { lastFocus[screen] = focus }
        focus = pane
    }

    /// Shows a screen, with the focus where it was there last.
    mutating func go(to screen: ScreenID) {
        guard screen != self.screen else { return }
        setFocus(lastFocus[screen] ?? screen.panes[0])
    }

    private func neighbour(_ step: Int) -> Pane {
        let all = screen.panes
        return all[(all.firstIndex(of: focus)! + step + all.count) % all.count]
    }

    private mutating func quit() -> [Effect] {
        if isBusy, ScreenLayout.fits(size) {
            overlay = .quitQuestion
            return []
        }
        return leave()
    }

    private mutating func leave() -> [Effect] {
        isQuitting = true
        var effects = stopMeasuring()
        if let turn = running { effects.append(.cancel(id: turn.id)) }
        return effects
    }

    private mutating func answerQuitQuestion(_ key: Key) -> [Effect] {
        switch key {
        case .character("y"), .character("Y"), .enter, .control("q"): return leave()
        case .character("n"), .character("N"), .character("q"), .escape: overlay = nil
        default: break
        }
        return []
    }

    private mutating func enter() -> [Effect] {
        switch focus {
        case .prompt:
            let effects = send(task, prompt: prompt.text)
            return effects
        case .images: focus = .prompt
        case .conversation:
            guard let turn = shownTurn else {
                focus = .prompt
                return []
            }
            task = turn.request.task
            prompt.set(turn.request.prompt)
            promptOrigin = turn.id
            focus = .prompt
        case .atoms: focus = .spectrum
        case .spectrum: focus = .atoms
        case .alignment:
            guard !alignmentMode.isOfPatches, let cursor = shownAlignmentCursor, let turn = shownTurn,
                turn.measurement.alignedAtoms.indices.contains(cursor.column)
            else { return [] }
            follow(AtomAddress(.fusion, atom: turn.measurement.alignedAtoms[cursor.column]))
            atomIsChosen = true
        default: break
        }
        return []
    }

    private mutating func escape() -> [Effect] {
        if let turn = running, let place = place(ofTurn: turn.id) {
            turns[place].status = .cancelled
            notice = "stopped"
            return [.cancel(id: turn.id)]
        }
        // Measuring goes on behind the prompt line, which Esc only leaves.
        if focus != .prompt, measuring != nil {
            notice = "measuring stopped"
            return stopMeasuring()
        }
        if focus != .prompt, unchoose() { return [] }
        focus = .conversation
        return []
    }

    private mutating func changeK(halving: Bool) -> [Effect] {
        guard let limit = facts?.visionAtoms else { return refuse("the checkpoint is still loading") }
        guard facts?.hasAtoms == true else { return refuse("this checkpoint is the attention twin: it has no atoms, and no K") }
        let now = k ?? limit
        let next = halving ? max(1, now / 2) : min(limit, now * 2)
        k = next == limit ? nil : next
        notice = "K \(next) of \(limit) vision atoms for the next answers"
        return []
    }

    // MARK: Moving about

    private mutating func move(rows: Int) -> [Effect] {
        switch focus {
        case .images: return selectImage(imageList.selected.addingReportingOverflow(rows).partialValue)
        case .conversation: return chooseTurn(by: rows)
        case .atoms:
            atomList.move(by: rows, count: shownAtoms.count)
            atomIsChosen = true
            followAtom()
        case .spectrum, .alignment: moveCursor(rows: rows, columns: 0)
        default: break
        }
        return []
    }

    private mutating func page(_ direction: Int) -> [Effect] {
        let pane: Pane = focus == .prompt ? .conversation : focus
        let rows = max(1, layout.listRows(of: pane) - 1)
        if pane == .conversation {
            let range = ConversationView.scrollRange(self)
            conversationScroll = min(max(range.lowerBound, conversationScroll - direction * rows), range.upperBound)
            return []
        }
        return move(rows: direction * rows)
    }

    private mutating func jump(toEnd: Bool) -> [Effect] {
        switch focus {
        case .images: return selectImage(toEnd ? images.count - 1 : 0)
        case .conversation:
            guard let turn = toEnd ? conversation.last : conversation.first else { return [] }
            return show(turn)
        case .atoms:
            choose(atom: toEnd ? shownAtoms.count - 1 : 0)
        case .spectrum, .alignment:
            guard let map = focusedMap else { return [] }
            setCursor(toEnd ? map.peak : MapCursor(row: 0, column: 0))
        default: break
        }
        return []
    }

    mutating func selectImage(_ row: Int) -> [Effect] {
        let before = imageList.selected
        imageList.select(row, count: images.count)
        guard imageList.selected != before, selectedImage != nil else { return [] }
        conversationScroll = 0
        atomList = ListState()
        atomIsChosen = false
        return readNearby() + measureShownIfNeeded()
    }

    private mutating func chooseTurn(by step: Int) -> [Effect] {
        let all = conversation
        guard let now = all.firstIndex(where: { $0.id == shownTurn?.id }) else { return [] }
        return show(all[min(max(0, now + step), all.count - 1)])
    }

    mutating func show(_ turn: Turn) -> [Effect] {
        choose(turn.id)
        return measureShownIfNeeded()
    }

    /// A turn whose measuring was stopped is measured when it is looked at again, unless the engine has better to do.
    private mutating func measureShownIfNeeded() -> [Effect] {
        guard running == nil, let turn = shownTurn, turn.measurement.status == .stopped,
            let place = place(ofTurn: turn.id)
        else { return [] }
        return measure(place)
    }

    /// Chooses a row of the list of atoms.
    mutating func choose(atom row: Int) {
        atomList.select(row, count: shownAtoms.count)
        atomIsChosen = true
        followAtom()
    }

    /// Puts the alignment's cursor on the column of the selected atom, where it has one.
    private mutating func followAtom() {
        if choice.column != nil, let column = selectedColumn { choice.column = column }
    }

    private var focusedMap: Heatmap? { focus == .spectrum ? shownSpectrum?.map : shownAlignment?.map }

    private mutating func moveCursor(rows: Int, columns: Int) {
        guard let map = focusedMap, map.rows > 0, map.columns > 0 else { return }
        guard let now = focus == .spectrum ? shownSpectrumCursor : shownAlignmentCursor else { return }
        setCursor(
            MapCursor(
                row: min(max(0, now.row + rows), map.rows - 1),
                column: min(max(0, now.column + columns), map.columns - 1)))
    }

    mutating func setCursor(_ cursor: MapCursor) {
        if focus == .spectrum {
            spectrumCursor = cursor
        } else if alignmentMode.isOfPatches {
            patchCursor = cursor
        } else {
            alignmentCursor = cursor
        }
    }
}

extension Heatmap {
    /// The column of the row's largest absolute value that is not masked.
    func peak(inRow row: Int) -> Int {
        (0..<columns).max { strength(row: row, column: $0) < strength(row: row, column: $1) } ?? 0
    }

    /// The absolute value there; under all others where it is masked.
    func strength(row: Int, column: Int) -> Float {
        isMasked(row: row, column: column) ? -1 : value(row: row, column: column).magnitude
    }

    /// Where the largest finite value stands; the first cell if there is none.
    var peak: MapCursor {
        var best = MapCursor(row: 0, column: 0)
        var top = -Float.infinity
        for row in 0..<rows {
            for column in 0..<columns where value(row: row, column: column) > top {
                top = value(row: row, column: column)
                best = MapCursor(row: row, column: column)
            }
        }
        return best
    }
}
