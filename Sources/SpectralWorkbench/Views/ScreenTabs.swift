import SpectralScreen

/// The screens' names in the header, where a click finds them.
enum ScreenTabs {
    /// The column after the program's name.
    static let start = 7

    static func all(
        shown: ScreenID, from start: Int = Self.start, columns: Int
    ) -> [(screen: ScreenID, text: String, place: Range<Int>)] {
        var column = start
        return ScreenID.allCases.map { screen in
            let isShown = screen == shown
            // Where room is short, numbers do for the screens that are not in view.
            let name = isShown || columns >= 76 ? "\(screen.rawValue) \(screen.title)" : "\(screen.rawValue)"
            // Brackets say which one it is where there are no colours.
            let text = isShown ? "[\(name)]" : " \(name) "
            defer { column += text.count }
            return (screen, text, column..<column + text.count)
        }
    }
}
