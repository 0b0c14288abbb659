// Which scale heatmaps are shown on: one choice for each kind of map, for all panes and exports alike.

import SpectralScreen

/// Maps that are read the same way, and so share a choice of scale.
public struct MapKind: Hashable, Sendable {
    private enum Subject: String, Hashable { case spectra, pixels, alignment, comparison, others }

    private let subject: Subject
    private let nature: Heatmap.Nature

    /// - Parameter map: with the scale it came with.
    init(_ pane: Pane, _ map: Heatmap) {
        nature = map.nature
        subject = switch pane {
        case .spectrum, .field: .spectra
        case .pixels: .pixels
        case .alignment: .alignment
        case .maps: .comparison
        default: .others
        }
    }

    /// `spectra.magnitudes`, under which a choice is kept.
    var name: String { "\(subject.rawValue).\(nature.rawValue)" }

    /// - Returns: nil for a name that no kind has.
    init?(name: String) {
        let words = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 2, let subject = Subject(rawValue: words[0]), let nature = Heatmap.Nature(rawValue: words[1]) else {
            return nil
        }
        (self.subject, self.nature) = (subject, nature)
    }
}

/// The choices made so far.
public struct HeatmapScales: Equatable, Sendable {
    static let floors: [Float] = [-40, -60, -80]

    var choices: [MapKind: ScaleChoice] = [:]
    /// In dB.
    var floors: [MapKind: Float] = [:]

    /// Those with a choice, by name.
    var kinds: [MapKind] { Set(choices.keys).union(floors.keys).sorted { $0.name < $1.name } }
}

extension WorkbenchState {
    /// A pane's map on the scale chosen for its kind.
    ///
    /// - Parameter others: maps that are to have the very same scale.
    func scaled(_ map: Heatmap, in pane: Pane, sharedWith others: @autoclosure () -> [Heatmap] = []) -> Heatmap {
        let kind = MapKind(pane, map), choice = scales.choices[kind] ?? .own
        return map.scaled(choice, floor: scales.floors[kind], sharedWith: choice == .own ? [] : others())
    }

    /// The focus's map with the scale it came with.
    private var plainMap: Heatmap? {
        switch focus {
        case .spectrum: shownSpectrum?.map
        case .alignment: shownAlignment?.map
        case .field, .pixels, .coherence: atomMap(focus)?.map
        case .maps: CompareMapsView.unscaled(at: compareScreen.chosen, self)
        default: nil
        }
    }

    /// Steps the scale or the dB floor of the focus's kind of map, and says which it is then.
    mutating func changeScale(_ command: Command) -> [Effect] {
        guard let map = plainMap else { return refuse("there is no heatmap here yet") }
        let kind = MapKind(focus, map)
        if command == .nextScale {
            if map.nature == .angles { return refuse("angles have one scale: the ramp goes round once in a whole turn") }
            scales.choices[kind] = (scales.choices[kind] ?? .own).next
        } else {
            guard case .decibel(let own, _) = map.scale else {
                return refuse("only magnitudes have a dB floor; these values have signs or turn: z steps their scale")
            }
            let now = scales.floors[kind] ?? own
            // With another scale in view the floor comes back as it was.
            if scales.choices[kind] ?? .own == .own {
                scales.floors[kind] = HeatmapScales.floors.first { $0 < now } ?? HeatmapScales.floors[0]
            }
            scales.choices[kind] = .own
        }
        notice = focusedPane.map { "scale: \($0.map.map.scaleName)" }
        return []
    }
}
