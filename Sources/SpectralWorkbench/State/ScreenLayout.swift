// Where every pane stands, from the size of the screen and the focus alone.

import SpectralScreen

/// What gives way as room runs out, in this order:
/// under 112 columns the answer and the atoms share one place; under 76 columns the images share it too; under 34 rows
/// the two heatmaps share one place (side by side while there are 80 columns for them); under 20 rows of room the
/// preview goes. Of panes that share a place the one that had the focus last is shown. Under 60 x 20 there is a notice.
public struct ScreenLayout: Equatable, Sendable {
    /// Panes of the Ask screen that stand in one column; on narrow screens whole columns give way.
    private enum Group { case images, answer, atoms }

    private static func group(_ pane: Pane) -> Group {
        switch pane {
        case .images: .images
        case .atoms, .spectrum, .alignment: .atoms
        default: .answer
        }
    }

    public static let least = ScreenSize(rows: 20, columns: 60)
    public static let rule =
        "Under 112 columns the answer and the atoms share one place, under 76 the images too; under 34 rows the "
        + "heatmaps share one. Tab shows what is hidden."

    public let header: Rect
    public let footer: Rect
    public private(set) var preview: Rect?
    private var places: [Pane: Rect] = [:]

    /// The pane's place, its frame included; nil while it is hidden.
    public func place(of pane: Pane) -> Rect? { places[pane] }

    public static func fits(_ size: ScreenSize) -> Bool { size.rows >= least.rows && size.columns >= least.columns }

    /// - Parameter side: the pane of the Atoms screen that stands beside its table.
    public init(size: ScreenSize, focus: Pane, showsAtoms: Bool, showsAlignment: Bool, side: Pane = .field) {
        let whole = Rect(rows: size.rows, columns: size.columns)
        let parts = Layout.rows(whole, [.fixed(1), .rest, .fixed(1)])
        (header, footer) = (parts[0], parts[2])
        let body = parts[1]
        switch focus.screen {
        case .ask: break
        case .lens:
            places = LensScreenLayout.places(in: body, focus: focus)
            return
        case .atoms:
            places = AtomsScreenLayout.places(in: body, focus: focus, side: side)
            return
        case .compare:
            places = CompareScreenLayout.places(in: body, focus: focus)
            return
        case .sessions:
            places = SessionsScreenLayout.places(in: body)
            return
        }
        let group = Self.group(focus), isOnAtoms = group == .atoms || (group == .images && showsAtoms)
        if size.columns >= 112 {
            let left = min(max(size.columns / 5, 24), 40), right = min(max(size.columns * 2 / 5, 54), 90)
            let columns = Layout.columns(body, [.fixed(left), .rest, .fixed(right)])
            placeImages(in: columns[0])
            placeAnswer(in: columns[1])
            placeAtoms(in: columns[2], showsAlignment: showsAlignment)
        } else if size.columns >= 76 {
            let columns = Layout.columns(body, [.fixed(24), .rest])
            placeImages(in: columns[0])
            isOnAtoms ? placeAtoms(in: columns[1], showsAlignment: showsAlignment) : placeAnswer(in: columns[1])
        } else {
            switch group {
            case .images: placeImages(in: body)
            case .answer: placeAnswer(in: body)
            case .atoms: placeAtoms(in: body, showsAlignment: showsAlignment)
            }
        }
    }

    private mutating func placeImages(in rect: Rect) {
        if rect.columns >= 56 {
            let columns = Layout.columns(rect, [.fraction(0.45), .rest])
            places[.images] = columns[0]
            preview = columns[1]
            return
        }
        // A square image in cells twice as high as wide, and its frame.
        let wanted = (rect.columns - 1) / 2 + 2
        let rows = min(wanted, rect.rows - 7)
        guard rows >= 6 else {
            places[.images] = rect
            return
        }
        let parts = Layout.rows(rect, [.rest, .fixed(rows)])
        places[.images] = parts[0]
        preview = parts[1]
    }

    private mutating func placeAnswer(in rect: Rect) {
        let parts = Layout.rows(rect, [.rest, .fixed(3)])
        places[.conversation] = parts[0]
        places[.prompt] = parts[1]
    }

    private mutating func placeAtoms(in rect: Rect, showsAlignment: Bool) {
        if rect.rows >= 32 {
            let parts = Layout.rows(rect, [.fraction(0.27), .rest(weight: 13), .rest(weight: 15)])
            (places[.atoms], places[.spectrum], places[.alignment]) = (parts[0], parts[1], parts[2])
            return
        }
        let parts = Layout.rows(rect, [.fraction(0.4), .rest])
        places[.atoms] = parts[0]
        if rect.columns >= 80 {
            let columns = Layout.columns(parts[1], [.rest, .rest])
            (places[.spectrum], places[.alignment]) = (columns[0], columns[1])
        } else {
            places[showsAlignment ? .alignment : .spectrum] = parts[1]
        }
    }

    /// Rows of a list in a pane of that place: its frame and, for atoms, the lines above and below are taken off.
    public func listRows(of pane: Pane) -> Int {
        guard let rect = places[pane] else { return 1 }
        let inside = rect.rows - 2
        switch pane {
        case .atoms: return max(1, inside - AtomsView.extraLines(insideRows: inside))
        case .table: return max(1, inside - AtomTableView.extraLines(insideRows: inside))
        case .usage: return AtomUsageView.listRows(insideRows: inside)
        case .matches: return max(1, inside - CompareMatchesView.extraLines(insideRows: inside))
        case .edits: return max(1, inside - LensEditsView.extraLines)
        case .rank: return max(1, inside - LensRankView.extraLines)
        case .entries: return max(1, inside - 1)
        default: return max(1, inside)
        }
    }
}

extension WorkbenchState {
    public var layout: ScreenLayout {
        ScreenLayout(size: size, focus: focus, showsAtoms: showsAtoms, showsAlignment: showsAlignment, side: atomsScreen.side)
    }
}
