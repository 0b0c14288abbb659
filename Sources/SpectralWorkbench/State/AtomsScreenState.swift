// The Atoms screen: every atom of the checkpoint as a table, and the chosen one's maps.

import Foundation
import SpectralLens
import SpectralModel
import SpectralScreen

/// Names one look at one atom in one layer.
public struct AtomMapsRequest: Hashable, Sendable {
    /// Of all layers.
    public let address: AtomAddress
    public let layer: Int
}

/// What there is to see of one atom.
public struct AtomMaps: Equatable, Sendable {
    public let request: AtomMapsRequest
    /// Its wave on the patch grid or along the text: spectrum, wave, phase.
    public let field: [NamedMap]
    /// The pixels it responds to: spectrum and luminance. Empty for atoms that see no pixels.
    public let pixels: [NamedMap]
    /// Half a bin of the patch grid, in cycles per patch: within this of Nyquist a raster artefact would sit.
    var rasterMargin: Float = 0
    /// Where patches read row by row repeat, in cycles per token.
    var rasterLine: Float = 0
}

/// A figure of the table, by which it can be sorted and filtered.
public enum AtomColumn: String, Hashable, Sendable, CaseIterable {
    case atom, u, v, t, period, amplitude, gain, energy, median, effect, status

    /// The value of a record; nil where it has none. `row` is what an answer told of the atom, `use` what a folder did.
    func value(_ record: AtomRecord, _ row: AtomRow?, _ use: AtomUse?) -> Float? {
        let w = record.frequency
        switch self {
        case .atom, .status: return nil
        case .u: return record.stack == .text ? nil : w[0]
        case .v: return record.stack == .text ? nil : w[1]
        case .t: return record.stack == .vision ? nil : w[w.count - 1]
        case .period: return record.period
        case .amplitude: return record.amplitude
        case .gain: return record.meanGain
        case .energy: return row?.energyShare
        case .median: return use?.median
        case .effect: return row?.effect
        }
    }
}

/// The state of the Atoms screen.
public struct AtomsScreenState: Equatable, Sendable {
    public enum Listing: Equatable, Sendable {
        case none, underWay, done
        /// One line that says what to do.
        case failed(String)
    }

    public var listing = Listing.none
    /// Vision, text, fusion, each by index.
    public var records: [AtomRecord] = []
    public var order = AtomColumn.atom
    public var isReversed = false
    public var filter = ""
    /// The filter while it is being written.
    public var filterLine: PromptLine?
    public var list = ListState()
    public var layer = 0
    public var maps: AtomMaps?
    var requested: AtomMapsRequest?
    /// An atom that was asked for by its address, not yet gone to.
    var awaited: AtomAddress?
    /// Which map a pane shows, and where its cursor stands (at the peak until it is moved).
    var choice: [Pane: Int] = [:]
    var cursors: [Pane: MapCursor] = [:]
    public var usage = AtomUsageState()
    /// By stack, once made; those asked for.
    public var coherence: [AtomStack: CoherenceMaps] = [:]
    var askedCoherence: Set<AtomStack> = []
    /// The pane beside the table: the last of the others that had the focus.
    var side = Pane.field
    /// One line when the last look failed.
    public var problem: String?

    mutating func hear(_ action: Action) {
        switch action {
        case .atomsListed(let records): (self.records, listing) = (records, .done)
        case .atomsFailed(let line): listing = .failed(line)
        case .coherent(let made): coherence[made.stack] = CoherenceMaps(made)
        case .atomDetailed(let maps):
            guard maps.request == requested else { return }
            if self.maps?.request != maps.request { cursors = cursors.filter { $0.key == .coherence } }
            (self.maps, problem) = (maps, nil)
        case .atomDetailFailed(let request, let line): if request == requested { problem = line }
        default: break
        }
    }
}

extension WorkbenchState {
    /// What the answer in view told of each atom.
    var measuredAtoms: [AtomAddress: AtomRow] {
        Dictionary((shownTurn?.measurement.atoms ?? []).map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The records that pass the filter, in order.
    public var listedAtoms: [AtomRecord] {
        let own = atomsScreen, told = measuredAtoms, uses = own.usage.byAddress
        let filter = AtomFilter(own.filterLine?.text ?? own.filter)
        let passing = own.records.enumerated().filter {
            filter.passes($0.element, told[$0.element.address], uses[$0.element.address])
        }
        guard own.order != .atom || own.isReversed else { return passing.map(\.element) }
        func precedes(_ a: (offset: Int, element: AtomRecord), _ b: (offset: Int, element: AtomRecord)) -> Bool {
            if own.order == .atom { return a.offset > b.offset }
            if own.order == .status {
                let (x, y) = (a.element.status, b.element.status)
                // Atoms with something to say come first.
                return x == y ? a.offset < b.offset : own.isReversed ? x < y : x > y
            }
            // What has no value stands last either way.
            let (p, q) = (a.element.address, b.element.address)
            let (x, y) = (own.order.value(a.element, told[p], uses[p]), own.order.value(b.element, told[q], uses[q]))
            guard let x, let y, x != y else { return (x != nil && y == nil) || ((x == nil) == (y == nil) && a.offset < b.offset) }
            return own.isReversed ? x < y : x > y
        }
        return passing.sorted(by: precedes).map(\.element)
    }

    public var chosenRecord: AtomRecord? {
        let listed = listedAtoms
        return listed.indices.contains(atomsScreen.list.selected) ? listed[atomsScreen.list.selected] : nil
    }

    /// The maps of the chosen atom; nil until they are made.
    var shownMaps: AtomMaps? {
        atomsScreen.maps.flatMap { $0.request.address == chosenRecord?.address ? $0 : nil }
    }

    func atomMap(_ pane: Pane) -> NamedMap? {
        let all = pane == .coherence ? shownCoherence?.maps : pane == .field ? shownMaps?.field : shownMaps?.pixels
        guard let all, !all.isEmpty else { return nil }
        return all[(atomsScreen.choice[pane] ?? 0) % all.count]
    }

    func atomMapCursor(_ pane: Pane) -> MapCursor? {
        if pane == .coherence { return coherenceCursor }
        return atomMap(pane).map { atomsScreen.cursors[pane] ?? $0.map.peak }
    }
}

extension AtomRecord {
    public var address: AtomAddress { AtomAddress(stack, atom: index) }
}

/// Words that must stand in an atom's name or status, and comparisons of its figures.
struct AtomFilter {
    private struct Comparison {
        let column: AtomColumn
        let isGreater: Bool
        let limit: Float
    }
    private var words: [String] = []
    private var comparisons: [Comparison] = []
    /// One line on the first comparison that means nothing; no atom passes it.
    private(set) var problem: String?

    /// Columns that can be compared, and what their heads in the table call them besides.
    private static let figures = AtomColumn.allCases.filter { $0 != .atom && $0 != .status }
    private static let heads: [String: AtomColumn] = [
        "ampl": .amplitude, "|c|": .gain, "nats": .effect, "iou": .effect,
    ]

    init(_ text: String) {
        // Spaces about a comparison are no ends of terms.
        let closed = ["<", ">"].reduce(text.lowercased()) { text, sign in
            text.components(separatedBy: sign).map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: sign)
        }
        for term in closed.split(separator: " ") {
            guard let place = term.firstIndex(where: { $0 == "<" || $0 == ">" }) else {
                words.append(String(term))
                continue
            }
            let name = String(term[..<place]), number = term[term.index(after: place)...]
            let column = Self.heads[name] ?? Self.figures.first { $0.rawValue == name }
            let limit = number.hasSuffix("%") ? Float(number.dropLast()).map { $0 / 100 } : Float(number)
            if let column, let limit {
                comparisons.append(Comparison(column: column, isGreater: term[place] == ">", limit: limit))
            } else if column == nil {
                let known = Self.figures.map(\.rawValue).joined(separator: ", ")
                problem = problem ?? "no figure \(name.isEmpty ? "stands before \(term[place])" : name): write one of \(known)"
            } else {
                problem = problem ?? "\(name)\(term[place]) needs a number, such as \(name)\(term[place])0.1"
            }
        }
    }

    func passes(_ record: AtomRecord, _ row: AtomRow?, _ use: AtomUse?) -> Bool {
        let text = "\(record.address) \(record.status) \(record.periodUnit)".lowercased()
        guard problem == nil, words.allSatisfy(text.contains) else { return false }
        return comparisons.allSatisfy { comparison in
            guard let value = comparison.column.value(record, row, use) else { return false }
            return comparison.isGreater ? value > comparison.limit : value < comparison.limit
        }
    }
}
