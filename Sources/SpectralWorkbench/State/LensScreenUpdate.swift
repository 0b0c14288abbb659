// What keys do on the Lens screen, and what it asks for.

import SpectralLens
import SpectralModel
import SpectralScreen

extension WorkbenchState {
    /// Nil for what means the same on every screen.
    mutating func performOnLens(_ command: Command) -> [Effect]? {
        switch command {
        case .up: moveOnLens(-1)
        case .down: moveOnLens(1)
        case .pageUp: moveOnLens(1 - layout.listRows(of: focus))
        case .pageDown: moveOnLens(max(1, layout.listRows(of: focus) - 1))
        case .first: moveOnLens(-Self.farOnLens)
        case .last: moveOnLens(Self.farOnLens)
        case .enter: return enterOnLens()
        case .escape: return escapeOnLens()
        case .writeEdit: write("", rewriting: nil)
        case .removeEdit:
            guard lensScreen.edits.indices.contains(lensScreen.list.selected) else { return refuse("there is no edit to remove") }
            lensScreen.edits.remove(at: lensScreen.list.selected)
        case .removeAllEdits: lensScreen.edits = []
        case .blankTest: lensScreen.isBlankAsked.toggle()
        case .shuffleTest: lensScreen.isShuffleAsked.toggle()
        case .moreControls: ask(forControls: max(1, lensScreen.controls * 2))
        case .fewerControls: ask(forControls: lensScreen.controls / 2)
        case .rank: return rankAtoms()
        default: return nil
        }
        return []
    }

    /// More rows than any pane has.
    private static let farOnLens = 1_000_000

    /// The atom that the cursor is on, whatever the screen.
    private var pointedAtom: AtomAddress? {
        switch screen {
        case .atoms: chosenRecord?.address
        case .lens: rankedAtoms.indices.contains(lensScreen.rank.selected) ? rankedAtoms[lensScreen.rank.selected].address : nil
        default: selectedAtom?.address
        }
    }

    /// What muting each atom alone did to the answer in view, largest effect first.
    var rankedAtoms: [AtomRow] { shownTurn?.measurement.atoms ?? [] }

    /// Adds muting the atom that the cursor is on, and shows what it does.
    mutating func mutePointedAtom() -> [Effect] {
        guard let address = pointedAtom else { return refuse("no atom is chosen yet") }
        let edit = LensEdit(.mute, [.atom(address)])
        if lensScreen.edits.contains(edit) { notice = "\(address) is muted already" } else { lensScreen.edits.append(edit) }
        let row = lensScreen.edits.firstIndex(of: edit) ?? 0
        lensScreen.list.select(row, count: lensScreen.edits.count)
        if screen != .lens { setFocus(.edits) }
        return []
    }

    private mutating func moveOnLens(_ rows: Int) {
        switch focus {
        case .edits: lensScreen.list.move(by: rows, count: lensScreen.edits.count)
        case .rank:
            lensScreen.rank.move(by: rows, count: rankedAtoms.count)
            lensScreen.rankChoice = pointedAtom
        default:
            let most = focus == .result ? LensResultView.scrollLimit(self) : LensControlsView.scrollLimit(self)
            lensScreen.scroll[focus] = min(max(0, (lensScreen.scroll[focus] ?? 0) + rows), most)
        }
    }

    private mutating func ask(forControls count: Int) {
        lensScreen.controls = min(count, LensScreenState.mostControls)
        let most = count > LensScreenState.mostControls ? ", the most there can be here" : ""
        notice = lensScreen.controls == 0 ? "no random sets" : "up to \(lensScreen.controls) random sets get the same edits\(most)"
    }

    private mutating func enterOnLens() -> [Effect] {
        switch focus {
        case .edits:
            let row = lensScreen.list.selected
            let isThere = lensScreen.edits.indices.contains(row)
            write(isThere ? lensScreen.edits[row].description : "", rewriting: isThere ? row : nil)
        case .rank: return mutePointedAtom()
        default:
            // What is asked for without findings is started by `settleLens`.
            if lensScreen.findings?.status != .running { lensScreen.findings = nil }
        }
        return []
    }

    private mutating func escapeOnLens() -> [Effect]? {
        if running != nil { return nil }
        if lensScreen.isRunning {
            lensScreen.findings?.status = .stopped
            notice = "stopped; Enter in the result goes on"
            return [.stopLens]
        }
        if measuring != nil { return nil }
        if focus == .edits { go(to: .ask) } else { focus = .edits }
        return []
    }

    private mutating func rankAtoms() -> [Effect] {
        focus = .rank
        if facts?.hasAtoms == false { return refuse("this checkpoint is the attention twin: it has no atoms to rank") }
        guard let turn = shownTurn, let place = place(ofTurn: turn.id), turn.status == .done else {
            return refuse("there is no finished answer to rank atoms by; ask something first")
        }
        if running != nil { return refuse("an answer is under way; Esc stops it") }
        switch turn.measurement.status {
        case .running, .done: return []
        case .none, .stopped, .failed: return measure(place)
        }
    }

    // MARK: The line

    private mutating func write(_ text: String, rewriting row: Int?) {
        (lensScreen.line, lensScreen.rewritten, lensScreen.lineProblem) = (PromptLine(text), row, nil)
        focus = .edits
    }

    mutating func pressInEditLine(_ key: Key) -> [Effect] {
        guard var line = lensScreen.line else { return [] }
        lensScreen.lineProblem = nil
        switch key {
        case .enter:
            guard line.text.contains(where: { $0 != " " }) else {
                lensScreen.line = nil
                return []
            }
            do {
                keep(try LensEdit(line: line.text))
                lensScreen.line = nil
            } catch { lensScreen.lineProblem = error.description }
        case .escape: lensScreen.line = nil
        default:
            _ = line.handle(key)
            lensScreen.line = line
        }
        return []
    }

    mutating func keep(_ edit: LensEdit) {
        let row: Int
        if let place = lensScreen.rewritten, lensScreen.edits.indices.contains(place) {
            lensScreen.edits[place] = edit
            row = place
        } else {
            lensScreen.edits.append(edit)
            row = lensScreen.edits.count - 1
        }
        lensScreen.list.select(row, count: lensScreen.edits.count)
    }

    // MARK: What it asks for

    /// Nil while there is no answer to look into, or nothing to try on it.
    private var wantedLensJob: LensJob? {
        let own = lensScreen
        guard facts?.hasAtoms == true, let turn = shownTurn, turn.status == .done,
            !own.edits.isEmpty || own.isBlankAsked || own.isShuffleAsked
        else { return nil }
        return LensJob(
            turn: turn.id, request: turn.request, edits: own.edits, controls: own.edits.isEmpty ? 0 : own.controls,
            blank: own.isBlankAsked, shuffles: own.isShuffleAsked ? LensScreenState.shufflesAsked : 0)
    }

    /// Asks for what the screen needs and has not; what it no longer needs is stopped.
    mutating func settleLens() -> [Effect] {
        let layout = layout, ranked = rankedAtoms
        lensScreen.list = lensScreen.list.scrolled(count: lensScreen.edits.count, height: layout.listRows(of: .edits))
        if let choice = lensScreen.rankChoice, let row = ranked.firstIndex(where: { $0.address == choice }) {
            lensScreen.rank.select(row, count: ranked.count)
        }
        lensScreen.rank = lensScreen.rank.scrolled(count: ranked.count, height: layout.listRows(of: .rank))
        let wanted = wantedLensJob
        var effects: [Effect] = []
        if wanted != lensScreen.findings?.job {
            if wanted == nil, lensScreen.isRunning { effects = [.stopLens] }
            if let wanted {
                lensScreen.started += 1
                effects = [.lens(id: lensScreen.started, wanted)]
                if wanted.turn != lensScreen.findings?.job.turn { lensScreen.scroll = [:] }
            }
            lensScreen.findings = wanted.map { LensFindings(id: lensScreen.started, job: $0) }
        }
        for (pane, most) in [(Pane.result, LensResultView.scrollLimit(self)), (.controls, LensControlsView.scrollLimit(self))] {
            // While a new look comes in there are few lines: the place in them is kept until they are all there.
            if !lensScreen.isRunning { lensScreen.scroll[pane] = min(lensScreen.scroll[pane] ?? 0, most) }
        }
        return effects
    }
}
