// What keys do on the Atoms screen.

import SpectralLens
import SpectralScreen

extension WorkbenchState {
    /// Nil for what means the same on every screen.
    mutating func performOnAtoms(_ command: Command) -> [Effect]? {
        switch command {
        case .up: moveOnAtoms(rows: -1, columns: 0)
        case .down: moveOnAtoms(rows: 1, columns: 0)
        case .left where focus != .table && focus != .usage: moveOnAtoms(rows: 0, columns: -1)
        case .right where focus != .table && focus != .usage: moveOnAtoms(rows: 0, columns: 1)
        case .pageUp: moveOnAtoms(rows: 1 - layout.listRows(of: focus), columns: 0)
        case .pageDown: moveOnAtoms(rows: layout.listRows(of: focus) - 1, columns: 0)
        case .first, .last: jumpOnAtoms(toEnd: command == .last)
        case .enter:
            if focus == .usage { return goToTopImage() }
            if focus == .coherence { return chooseCoherentAtom() }
            focus = focus == .table ? .field : .table
        case .measureUsage: return measureUsage()
        case .showCoherence: focus = .coherence
        case .escape:
            if atomsScreen.usage.isRunning { return stopUsage() }
            if focus != .table {
                focus = .table
            } else if !atomsScreen.filter.isEmpty {
                atomsScreen.filter = ""
            } else {
                go(to: .ask)
            }
        case .nextOrder, .reverseOrder: sort(command)
        case .filter, .search:
            atomsScreen.filterLine = PromptLine(atomsScreen.filter)
            focus = .table
        case .nextLayer:
            guard let record = chosenRecord else { return refuse("no atom is chosen") }
            atomsScreen.layer = (atomsScreen.layer + 1) % max(1, record.layers.count)
        case .nextSpectrum:
            let pane = focus == .pixels || focus == .coherence ? focus : .field
            atomsScreen.choice[pane] = (atomsScreen.choice[pane] ?? 0) + 1
            if pane != .coherence { atomsScreen.cursors[pane] = nil }
            if layout.place(of: pane) == nil { notice = "the atom's next map; Tab goes to it" }
        default: return nil
        }
        return []
    }

    private mutating func sort(_ command: Command) {
        let chosen = chosenRecord?.address, all = AtomColumn.allCases
        if command == .reverseOrder {
            atomsScreen.isReversed.toggle()
        } else {
            atomsScreen.order = all[(all.firstIndex(of: atomsScreen.order)! + 1) % all.count]
            atomsScreen.isReversed = false
        }
        let direction = atomsScreen.order == .atom ? "" : atomsScreen.isReversed ? ", smallest first" : ", largest first"
        notice = "sorted by \(atomsScreen.order.rawValue)\(direction)"
        select { $0.address == chosen }
    }

    mutating func select(_ isWanted: (AtomRecord) -> Bool) {
        let listed = listedAtoms
        atomsScreen.list.select(listed.firstIndex(where: isWanted) ?? 0, count: listed.count)
    }

    mutating func pressInFilter(_ key: Key) -> [Effect] {
        guard var line = atomsScreen.filterLine else { return [] }
        let chosen = chosenRecord?.address
        switch key {
        case .enter:
            atomsScreen.filter = line.text
            atomsScreen.filterLine = nil
        case .escape: atomsScreen.filterLine = nil
        case .up: return performOnAtoms(.up) ?? []
        case .down: return performOnAtoms(.down) ?? []
        default:
            _ = line.handle(key)
            atomsScreen.filterLine = line
        }
        select { $0.address == chosen }
        return settle()
    }

    private mutating func moveOnAtoms(rows: Int, columns: Int) {
        guard focus != .table else {
            return atomsScreen.list.move(by: rows, count: listedAtoms.count)
        }
        if focus == .usage { return atomsScreen.usage.list.move(by: rows, count: chosenTop.count) }
        guard let map = atomMap(focus)?.map, let now = atomMapCursor(focus), map.rows > 0, map.columns > 0 else { return }
        atomsScreen.cursors[focus] = MapCursor(
            row: min(max(0, now.row + rows), map.rows - 1), column: min(max(0, now.column + columns), map.columns - 1))
    }

    private mutating func jumpOnAtoms(toEnd: Bool) {
        guard focus != .table else {
            let count = listedAtoms.count
            return atomsScreen.list.select(toEnd ? count - 1 : 0, count: count)
        }
        if focus == .usage { return atomsScreen.usage.list.select(toEnd ? chosenTop.count - 1 : 0, count: chosenTop.count) }
        atomsScreen.cursors[focus] = toEnd ? nil : MapCursor(row: 0, column: 0)
    }

    /// Asks for what the screen needs and has not.
    mutating func settleAtoms() -> [Effect] {
        if focus != .table { atomsScreen.side = focus }
        guard let facts, facts.hasAtoms else { return [] }
        if atomsScreen.listing == .none {
            atomsScreen.listing = .underWay
            return [.listAtoms]
        }
        goToAwaitedAtom()
        let listed = listedAtoms
        if atomsScreen.list.selected >= listed.count { atomsScreen.list.select(listed.count - 1, count: listed.count) }
        atomsScreen.list = atomsScreen.list.scrolled(count: listed.count, height: layout.listRows(of: .table))
        guard let record = chosenRecord else { return [] }
        let effects = settleCoherence(), top = chosenTop.count
        atomsScreen.usage.list = atomsScreen.usage.list.scrolled(count: top, height: layout.listRows(of: .usage))
        let wanted = AtomMapsRequest(address: record.address, layer: min(atomsScreen.layer, max(0, record.layers.count - 1)))
        guard wanted != atomsScreen.requested else { return effects }
        if atomsScreen.requested?.address != wanted.address {
            atomsScreen.usage.list = ListState()
            atomsScreen.cursors[.coherence] = nil
        }
        atomsScreen.requested = wanted
        return effects + [.detailAtom(wanted)]
    }
}
