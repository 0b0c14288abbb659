// How alike the atoms of a stack are, as maps, with a cursor that starts at the chosen atom and the one most like it.

import SpectralLens
import SpectralModel
import SpectralScreen

/// A stack's coherence as the pane shows it.
public struct CoherenceMaps: Equatable, Sendable {
    public let coherence: AtomCoherence
    /// On a linear scale, then in dB.
    public let maps: [NamedMap]

    static let floor: Float = -60

    public init(_ coherence: AtomCoherence) {
        self.coherence = coherence
        let matrix = coherence.matrix
        func map(_ title: String, _ scale: Heatmap.Scale) -> NamedMap {
            NamedMap(
                name: "Coherence of \(coherence.stack.rawValue) atoms",
                map: Heatmap(
                    title: title, rows: matrix.rows, columns: matrix.columns, values: matrix.values, scale: scale,
                    rowLabels: matrix.rowLabels, columnLabels: matrix.columnLabels))
        }
        maps = [
            map("|<k, l>| / |k||l| on \(coherence.tokens)", .linear(minimum: 0, maximum: 1)),
            map("the same in dB, on \(coherence.tokens)", .decibel(floor: Self.floor, reference: 1)),
        ]
    }
}

extension WorkbenchState {
    /// Of the chosen atom's stack; nil until it is made.
    var shownCoherence: CoherenceMaps? { chosenRecord.flatMap { atomsScreen.coherence[$0.stack] } }

    /// Where the cursor stands: until it is moved, at the chosen atom and the one most like it.
    var coherenceCursor: MapCursor? {
        guard let record = chosenRecord, let own = shownCoherence?.coherence, own.matrix.rows > 0 else { return nil }
        let moved = atomsScreen.cursors[.coherence].flatMap {
            $0.row < own.matrix.rows && $0.column < own.matrix.columns ? $0 : nil
        }
        return moved ?? MapCursor(row: min(record.index, own.matrix.rows - 1), column: own.nearest(to: record.index) ?? 0)
    }

    /// A record by its address, whether or not the filter lets it pass.
    func record(_ stack: AtomStack, _ index: Int) -> AtomRecord? {
        atomsScreen.records.first { $0.stack == stack && $0.index == index }
    }

    /// Chooses the atom of the cursor's row in the table.
    mutating func chooseCoherentAtom() -> [Effect] {
        guard let record = chosenRecord, let cursor = coherenceCursor else { return refuse("there is no atom to choose yet") }
        if !listedAtoms.contains(where: { $0.stack == record.stack && $0.index == cursor.row }) { atomsScreen.filter = "" }
        select { $0.stack == record.stack && $0.index == cursor.row }
        atomsScreen.cursors[.coherence] = nil
        focus = .table
        return []
    }

    /// Asks for the coherence of the chosen atom's stack where it is to be seen and not known.
    mutating func settleCoherence() -> [Effect] {
        guard layout.place(of: .coherence) != nil, let stack = chosenRecord?.stack,
            atomsScreen.askedCoherence.insert(stack).inserted
        else { return [] }
        return [.findCoherence(stack)]
    }
}
