// Text as bytes for the caption tokeniser's patterns: ASCII stands for itself, anything else for its class.

/// What a scalar outside ASCII is to the tokeniser. The codes are control characters, which no caption needs.
enum TextClass: UInt8 {
    case letter = 0x01, mark = 0x02, apostrophe = 0x04, openApostrophe = 0x05, quote = 0x06, dash = 0x07, ellipsis = 0x08
    case dollar = 0x0B, cents = 0x0E, pounds = 0x0F, fraction = 0x10, hyphen = 0x11, blank = 0x12, symbol = 0x13
    /// Taken out, and ends the word it stands in.
    case dropped = 0x14
    /// Taken out, and ends nothing: the soft hyphen.
    case invisible = 0x15

    /// The byte that patterns see in place of a scalar; a blank for ASCII white space.
    static func byte(of scalar: Unicode.Scalar) -> UInt8 {
        switch scalar.value {
        case 0x21..<0x7F: return UInt8(scalar.value)
        case 0x09...0x0D, 0x20, 0x85: return 0x20
        default: return (fixed[scalar.value] ?? of(scalar)).rawValue
        }
    }

    /// How a fraction is spelled out.
    static func fraction(_ scalar: Unicode.Scalar) -> String {
        switch scalar.value {
        case 0xBC: "1/4"
        case 0xBD: "1/2"
        case 0xBE: "3/4"
        case 0x2153: "1/3"
        default: "2/3"
        }
    }

    private static let fixed: [UInt32: TextClass] = {
        var table: [UInt32: TextClass] = [0x2026: .ellipsis, 0xA2: .cents, 0xA3: .pounds, 0xA0: .blank, 0xAD: .invisible]
        for (scalars, kind): ([UInt32], TextClass) in [
            ([0x92, 0x2019], .apostrophe), ([0x91, 0x2018, 0x201B], .openApostrophe),
            ([0x93, 0x94, 0xAB, 0xBB, 0x201C, 0x201D, 0x2039, 0x203A], .quote),
            ([0x96, 0x97, 0x2013, 0x2014, 0x2015], .dash), ([0x80, 0xA4, 0x20A0, 0x20AC], .dollar),
            ([0xBC, 0xBD, 0xBE, 0x2153, 0x2154], .fraction), ([0x058A, 0x2010, 0x2011], .hyphen),
        ] {
            for scalar in scalars { table[scalar] = kind }
        }
        return table
    }()

    /// Symbols the reference tokeniser knows; each is a token of its own.
    private static let symbols: [ClosedRange<UInt32>] = [
        0xA1...0xB9, 0xBF...0xBF, 0xD7...0xD7, 0xF7...0xF7, 0x2016...0x2017, 0x201A...0x201A, 0x201E...0x2023, 0x2030...0x2038,
        0x203B...0x203B, 0x203E...0x2042, 0x2044...0x2044, 0x2070...0x2070, 0x2074...0x207E, 0x2080...0x208E, 0x20A4...0x20A4,
        0x2100...0x2101, 0x2103...0x2106, 0x2108...0x2109, 0x2114...0x2118, 0x211E...0x2123, 0x2155...0x215E, 0x2190...0x2BFF,
        0x3001...0x3002, 0x3012...0x3012, 0x30FB...0x30FB,
    ]

    private static func of(_ scalar: Unicode.Scalar) -> TextClass {
        // Beyond the basic plane, where emoji are, it reads surrogates, which it cannot.
        guard scalar.value > 0x7F, scalar.value < 0x10000 else { return .dropped }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber: return .letter
        case .nonspacingMark where scalar.value < 0x0ED0: return .mark
        case .spacingMark where scalar.value < 0x0ED0: return .mark
        case .modifierSymbol where (0x02C2...0x036F).contains(scalar.value): return .mark
        default: return symbols.contains { $0.contains(scalar.value) } ? .symbol : .dropped
        }
    }
}
