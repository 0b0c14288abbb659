import TestSupport
import Testing

@testable import SpectralScreen

@Suite struct TextWidthTests {
    /// Expected values are glibc's wcwidth for single scalars, and two cells for emoji sequences.
    @Test(arguments: [
        ("a", 1), ("é", 1), ("e\u{301}", 1), ("漢", 2), ("ｗ", 2), ("ﾊ", 1), ("한", 2), ("\u{1112}\u{1161}\u{11AB}", 2),
        ("→", 1), ("█", 1), ("⣿", 1), ("\u{3000}", 2), ("😀", 2), ("👍🏽", 2), ("👨‍👩‍👧", 2), ("❤", 1), ("❤️", 2), ("🇫🇷", 2), ("1️⃣", 2),
        ("क", 1), ("क्ष", 2), ("\u{1F1E6}", 1), ("\u{2E80}", 2), ("\u{FE0F}", 1), ("\u{10FFFF}", 1), ("䷀", 2), ("\u{303F}", 1),
        ("\u{A48C}", 2), ("\u{A48D}", 1), ("\u{115F}", 2), ("\u{20000}", 2), ("\u{1FAF6}", 2),
    ])
    func knownWidths(text: String, width: Int) {
        #expect(TextWidth.of(text) == width)
    }

    @Test func rangesRiseAndDoNotTouch() {
        for (left, right) in zip(WideScalars.ranges, WideScalars.ranges.dropFirst()) {
            #expect(left.upperBound + 1 < right.lowerBound)
        }
    }

    @Test(arguments: [
        ("\u{1B}[31m", "␛[31m"), ("a\nb", "a␊b"), ("a\r\nb", "a␊b"), ("\u{7F}", "␡"), ("\u{9B}2J", "\u{FFFD}2J"),
        ("abc\u{202E}def", "abc\u{FFFD}def"), ("\u{2066}x\u{2069}", "\u{FFFD}x\u{FFFD}"), ("\u{200B}", "\u{FFFD}"),
        ("\u{301}x", "\u{25CC}\u{301}x"), ("\u{0}", "␀"), ("\u{2028}", "\u{FFFD}"), ("\u{FEFF}", "\u{FFFD}"),
    ])
    func unsafeCharactersShow(text: String, visible: String) {
        #expect(TextWidth.visible(text) == visible)
    }

    @Test func stackedMarksAreBounded() {
        let glyphs = TextWidth.glyphs(of: "a" + String(repeating: "\u{301}", count: 500) + "b")
        #expect(glyphs.map(\.width) == [1, 1])
        #expect(glyphs[0].character.unicodeScalars.count == 5)
    }

    @Test func cuttingKeepsWholeCharacters() {
        #expect(TextWidth.truncated("漢字漢字", to: 5) == "漢字")
        #expect(TextWidth.truncated("漢字漢字", to: 5, ellipsis: "…") == "漢字…")
        #expect(TextWidth.truncated("漢字", to: 4, ellipsis: "…") == "漢字")
        #expect(TextWidth.truncated("abc", to: 0) == "")
        #expect(TextWidth.padded("漢", to: 5) == "漢   ")
        #expect(TextWidth.padded("漢", to: 5, atRight: true) == "   漢")
    }

    @Test func randomTextIsCutToItsRoom() {
        var random = Seeded(state: 11)
        for _ in 0..<400 {
            let text = randomText(&random)
            let width = Int.random(in: -2...20, using: &random)
            #expect(TextWidth.of(TextWidth.truncated(text, to: width, ellipsis: "…")) <= max(0, width))
            #expect(TextWidth.of(TextWidth.padded(text, to: width)) == max(0, width))
            #expect(TextWidth.glyphs(of: text).reduce(0) { $0 + $1.width } == TextWidth.of(text))
            #expect(TextWidth.visible(TextWidth.visible(text)) == TextWidth.visible(text))
            for line in TextWrap.lines(text, width: width) { #expect(TextWidth.of(line) <= width) }
        }
    }

    @Test func wrappingBreaksAtSpaces() {
        #expect(TextWrap.lines("the quick brown fox", width: 10) == ["the quick", "brown fox"])
        #expect(TextWrap.lines("abcdefghij kl", width: 4) == ["abcd", "efgh", "ij", "kl"])
        #expect(TextWrap.lines("a\n\nb", width: 3) == ["a", "", "b"])
        #expect(TextWrap.lines("漢字 漢", width: 4) == ["漢字", "漢"])
        #expect(TextWrap.lines("x", width: 0).isEmpty)
        #expect(TextWrap.lines("", width: 3) == [""])
        #expect(TextWrap.lines("a\u{1B}b", width: 9) == ["a␛b"])
    }

    @Test func figures() {
        #expect(Figure.fixed(1.25, 1) == "1.3")
        #expect(Figure.fixed(-0.04, 1) == "0.0")
        #expect(Figure.fixed(-1.5, 0) == "-2")
        #expect(Figure.fixed(.nan, 2) == "nan")
        #expect(Figure.fixed(0.05, 3) == "0.050")
        #expect(Figure.short(12.34) == "12.3")
        #expect(Figure.short(-40) == "-40")
        #expect(Figure.short(1.5e6) == "1.50e6")
        #expect(Figure.short(0.00012) == "1.20e-4")
        #expect(Figure.short(Double.greatestFiniteMagnitude) == "1.80e308")
        #expect(Figure.percent(0.973) == "97.3%")
        #expect(Figure.percent(1) == "100%")
        #expect(Figure.percent(1e-9) == "<0.1%")
    }

    /// Powers of ten and two have decibels known in closed form: 20 n, and 20 n log10(2).
    @Test func decibelsOfPowers() {
        var ten = 1.0
        for power in 0...12 {
            #expect(abs(Figure.decibels(ten) - 20 * Double(power)) < 1e-11)
            #expect(abs(Figure.decibels(1 / ten) + 20 * Double(power)) < 1e-11)
            ten *= 10
        }
        #expect(abs(Figure.decibels(1024) - 200 * 0.301_029_995_663_981_2) < 1e-11)
        #expect(abs(Figure.decibels(1.414_213_562_373_095_1) - 3.010_299_956_639_812) < 1e-13)
        #expect(Figure.decibels(0) == -.infinity)
        #expect(Figure.decibels(-1) == -.infinity)
        #expect(Figure.decibels(.nan).isNaN)
    }
}
