/// One key press.
public enum Key: Hashable, Sendable {
    /// A printable character.
    case character(Character)
    case up, down, left, right
    case enter, tab, backtab, escape, backspace, delete
    case home, end, pageUp, pageDown
    /// Control with a lower-case letter or one of `[ \ ] ^ _` and space.
    case control(Character)
    /// F1 to F63.
    case function(Int)
}

extension Key: CustomStringConvertible {
    /// As written in a key script: `j`, `<enter>`, `<c-w>`, `<f1>`.
    public var description: String {
        switch self {
        case .character("<"): "<lt>"
        case .character(let character): String(character)
        case .control(" "): "<c-space>"
        case .control(let character): "<c-\(character)>"
        case .function(let number): "<f\(number)>"
        default: Key.names.first { $0.key == self }.map { "<\($0.name)>" } ?? "<?>"
        }
    }

    /// The first name of a key is the one printed; the others are read too.
    static let names: [(name: String, key: Key)] = [
        ("up", .up), ("down", .down), ("left", .left), ("right", .right),
        ("enter", .enter), ("cr", .enter), ("return", .enter),
        ("tab", .tab), ("s-tab", .backtab), ("backtab", .backtab),
        ("esc", .escape), ("escape", .escape),
        ("bs", .backspace), ("backspace", .backspace), ("del", .delete), ("delete", .delete),
        ("home", .home), ("end", .end),
        ("pgup", .pageUp), ("pageup", .pageUp), ("pgdn", .pageDown), ("pagedown", .pageDown),
        ("space", .character(" ")), ("lt", .character("<")), ("gt", .character(">")),
    ]

    /// The key called `name` (without its angle brackets), in any case; nil if there is none.
    public init?(name: some StringProtocol) {
        let lower = name.lowercased()
        if let found = Key.names.first(where: { $0.name == lower }) {
            self = found.key
            return
        }
        if lower.first == "f", let number = Int(lower.dropFirst()), (1...63).contains(number) {
            self = .function(number)
            return
        }
        for prefix in ["c-", "ctrl-"] where lower.hasPrefix(prefix) {
            let rest = lower.dropFirst(prefix.count)
            if rest == "space" {
                self = .control(" ")
                return
            }
            guard rest.count == 1, let character = rest.first, let ascii = character.asciiValue,
                (0x61...0x7A).contains(ascii) || "[\\]^_".contains(character)
            else { return nil }
            self = .control(character)
            return
        }
        return nil
    }
}

/// One step of a key script.
public enum ScriptStep: Hashable, Sendable {
    case key(Key)
    /// Pasted text, as one piece: `<paste:TEXT>`.
    case paste(String)
    /// Wait until nothing runs: `<wait>`.
    case waitUntilIdle
    /// Wait until the screen holds a text: `<wait:TEXT>`.
    case waitFor(String)
    /// A new screen size: `<resize:COLUMNSxROWS>`.
    case resize(columns: Int, rows: Int)
    /// The mouse, rows and columns from 0: `<click:ROW,COL>`, `<wheel:up,ROW,COL>`.
    case mouse(MouseAction, row: Int, column: Int)
}

/// Why a key script cannot be read.
public enum KeyScriptError: Error, Hashable, CustomStringConvertible {
    case unknownName(name: String, position: Int)
    case unclosedName(position: Int)

    public var description: String {
        switch self {
        case .unknownName(let name, let position):
            "key script, character \(position): <\(TextWidth.visible(name))> is no key; write names as in <enter>, <esc>, "
                + "<up>, <c-w>, <f1>, <wait>, <resize:80x24>, and <lt> for the character <"
        case .unclosedName(let position):
            "key script, character \(position): < without >; write <lt> for the character <"
        }
    }
}

/// Key presses written as text, for instance `j<enter>what color is the circle?<enter><esc>q`.
public enum KeyScript {
    /// Every character is a key, spaces included; names stand in angle brackets. Tabs and line ends are skipped, so
    /// that a long script can be broken into lines.
    public static func parse(_ script: String) throws(KeyScriptError) -> [ScriptStep] {
        var steps: [ScriptStep] = []
        var rest = script[...]
        var position = 1
        while let character = rest.popFirst() {
            let start = position
            position += 1
            if character == "<" {
                guard let close = rest.firstIndex(of: ">") else { throw .unclosedName(position: start) }
                let name = rest[..<close]
                guard let step = step(named: name) else { throw .unknownName(name: String(name), position: start) }
                steps.append(step)
                position += name.count + 1
                rest = rest[rest.index(after: close)...]
            } else if character == "\t" || character.isNewline {
                continue
            } else {
                for glyph in TextWidth.glyphs(of: String(character)) { steps.append(.key(.character(glyph.character))) }
            }
        }
        return steps
    }

    private static func step(named name: Substring) -> ScriptStep? {
        if let key = Key(name: name) { return .key(key) }
        if name.lowercased() == "wait" { return .waitUntilIdle }
        guard let colon = name.firstIndex(of: ":") else { return nil }
        let value = name[name.index(after: colon)...]
        switch name[..<colon].lowercased() {
        case "wait": return value.isEmpty ? nil : .waitFor(String(value))
        case "paste": return .paste(String(value))
        case "resize":
            let sides = value.lowercased().split(separator: "x", omittingEmptySubsequences: false)
            guard sides.count == 2, let columns = Int(sides[0]), let rows = Int(sides[1]),
                (1...1000).contains(columns), (1...1000).contains(rows)
            else { return nil }
            return .resize(columns: columns, rows: rows)
        default: return ScriptStep(mouse: name)
        }
    }
}
