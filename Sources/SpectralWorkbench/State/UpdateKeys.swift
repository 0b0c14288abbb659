// What keys do.

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
        case .help(let first): return pressInHelp(key, first)
        case .quitQuestion: return answerQuitQuestion(key)
        case .saving(let line): return pressWhileSaving(key, line)
        case nil: break
        }
        if atomsScreen.filterLine != nil, screen == .atoms { return pressInFilter(key) }
        if compareScreen.line != nil, screen == .compare { return pressInColumnLine(key) }
        if lensScreen.line != nil, screen == .lens { return pressInEditLine(key) }
        if sessionsScreen.writing != nil, screen == .sessions { return pressInSessionLine(key) }
        if focus == .prompt {
            if let command = KeyMap.command(for: key, in: .prompt) { return perform(command) }
            guard task.takesWords else {
                // A caption takes no words: typing means that a question is wanted.
                guard case .character = key else { return [] }
                task = .ask
                _ = prompt.handle(key)
                return []
            }
            if prompt.handle(key) { historyPlace = nil }
            return []
        }
        guard let command = KeyMap.command(for: key, in: focus) else {
            if case .character(let character) = key {
                notice = "\(KeyMap.name(of: .character(character))) does nothing here; ? lists the keys"
            }
            return []
        }
        return perform(command)
    }

    private mutating func perform(_ command: Command) -> [Effect] {
        if screen == .atoms, let effects = performOnAtoms(command) { return effects }
        if screen == .compare, let effects = performOnCompare(command) { return effects }
        if screen == .lens, let effects = performOnLens(command) { return effects }
        if screen == .sessions, let effects = performOnSessions(command) { return effects }
        switch command {
        case .go(let screen): go(to: screen)
        case .nextOrder, .reverseOrder, .filter, .nextLayer: break
        case .measureUsage, .showCoherence: break
        case .oneFewerAtom, .oneMoreAtom, .addColumn, .removeColumn, .nextColumn, .toggleDifference, .nextDisagreement: break
        case .openSession, .recordSession, .replaySession, .annotate: break
        case .muteAtom: return mutePointedAtom()
        case .writeEdit, .removeEdit, .removeAllEdits, .blankTest, .shuffleTest, .moreControls, .fewerControls, .rank: break
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
        case .nextTask: task = task.next
        case .ask: task = .ask; setFocus(.prompt)
        case .ground: task = .ground; setFocus(.prompt)
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
            if view.spectra.count == 1 { notice = "this atom has one spectrum: only vision atoms see pixels" }
        case .nextAlignment:
            let all = AlignmentMode.allCases
            alignmentMode = all[(all.firstIndex(of: alignmentMode)! + 1) % all.count]
        case .reload:
            isListing = true
            return [.listImages]
        case .redraw: return [.redraw]
        case .help: overlay = .help(firstLine: 0)
        case .save: overlay = .saving(PromptLine(suggestedFileName))
        case .quit: return quit()
        case .previousPrompt: recall(-1)
        case .nextPrompt: recall(1)
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

    private mutating func pressInHelp(_ key: Key, _ first: Int) -> [Effect] {
        let rows = max(1, size.rows - 4)
        var line = first
        switch key {
        case .escape, .enter, .character("q"), .character("?"), .function(1):
            overlay = nil
            return []
        case .down, .character("j"): line += 1
        case .up, .character("k"): line -= 1
        case .pageDown, .character(" "): line += rows
        case .pageUp: line -= rows
        case .home, .character("g"): line = 0
        case .end, .character("G"): line = HelpView.lineCount(size)
        case .control("l"): return [.redraw]
        default: break
        }
        overlay = .help(firstLine: min(max(0, line), HelpView.lastFirstLine(size)))
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
        case .table, .field, .pixels, .usage, .coherence, .entries, .entry: break
        case .figures, .maps, .matches, .edits, .result, .controls, .rank: break
        case .alignment:
            guard alignmentMode != .patches, let cursor = alignmentCursor, let turn = shownTurn,
                turn.measurement.alignedAtoms.indices.contains(cursor.column)
            else { return [] }
            let atom = turn.measurement.alignedAtoms[cursor.column]
            if let row = turn.measurement.atoms.firstIndex(where: { $0.address.stack == .fusion && $0.address.atom == atom }) {
                atomList.select(row, count: turn.measurement.atoms.count)
                atomIsChosen = true
            }
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
        focus = .conversation
        return []
    }

    private mutating func changeK(halving: Bool) -> [Effect] {
        guard let limit = facts?.visionAtoms else { return refuse("the checkpoint is still loading") }
        let now = k ?? limit
        let next = halving ? max(1, now / 2) : min(limit, now * 2)
        k = next == limit ? nil : next
        notice = "K \(next) of \(limit) vision atoms for the next answers"
        return []
    }

    private mutating func recall(_ step: Int) {
        guard !promptHistory.isEmpty else { return }
        let place = (historyPlace ?? promptHistory.count) + step
        guard place < promptHistory.count else {
            historyPlace = nil
            prompt.clear()
            return
        }
        historyPlace = max(0, place)
        prompt.set(promptHistory[max(0, place)])
        if !task.takesWords { task = .ask }
    }

    // MARK: Moving about

    private mutating func move(rows: Int) -> [Effect] {
        switch focus {
        case .images: return selectImage(imageList.selected.addingReportingOverflow(rows).partialValue)
        case .conversation: return chooseTurn(by: rows)
        case .atoms:
            atomList.move(by: rows, count: shownTurn?.measurement.atoms.count ?? 0)
            atomIsChosen = true
            followAtom()
        case .spectrum, .alignment: moveCursor(rows: rows, columns: 0)
        case .prompt, .table, .field, .pixels, .usage, .coherence, .entries, .entry: break
        case .figures, .maps, .matches, .edits, .result, .controls, .rank: break
        }
        return []
    }

    private mutating func page(_ direction: Int) -> [Effect] {
        let pane: Pane = focus == .prompt ? .conversation : focus
        let rows = max(1, layout.listRows(of: pane) - 1)
        if pane == .conversation {
            let most = ConversationView.scrollLimit(self)
            conversationScroll = min(max(0, conversationScroll - direction * rows), most)
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
            let count = shownTurn?.measurement.atoms.count ?? 0
            atomList.select(toEnd ? count - 1 : 0, count: count)
            atomIsChosen = true
            followAtom()
        case .spectrum, .alignment:
            guard let map = focusedMap else { return [] }
            setCursor(toEnd ? map.peak : MapCursor(row: 0, column: 0))
        case .prompt, .table, .field, .pixels, .usage, .coherence, .entries, .entry: break
        case .figures, .maps, .matches, .edits, .result, .controls, .rank: break
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
        alignmentCursor = nil
        return readNearby() + measureShownIfNeeded()
    }

    private mutating func chooseTurn(by step: Int) -> [Effect] {
        let all = conversation
        guard let now = all.firstIndex(where: { $0.id == shownTurn?.id }) else { return [] }
        return show(all[min(max(0, now + step), all.count - 1)])
    }

    private mutating func show(_ turn: Turn) -> [Effect] {
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

    /// Puts the alignment's cursor on the column of the selected atom, where it has one.
    private mutating func followAtom() {
        if alignmentCursor != nil, let column = selectedColumn { alignmentCursor?.column = column }
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

    private mutating func setCursor(_ cursor: MapCursor) {
        if focus == .spectrum {
            spectrumCursor = cursor
        } else if alignmentMode == .patches {
            patchCursor = cursor
        } else {
            alignmentCursor = cursor
        }
    }
}

extension Heatmap {
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
