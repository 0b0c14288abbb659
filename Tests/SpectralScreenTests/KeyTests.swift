import Testing

@testable import SpectralScreen

@Suite struct KeyTests {
    @Test func aScriptIsReadKeyByKey() throws {
        let steps = try KeyScript.parse("j <enter>is it?<c-w><ESC><f12><lt>\n<wait><wait:yes 97%><resize:60x20><paste:a b><click:0,79><wheel:Up,3,4>q")
        #expect(
            steps == [
                .key(.character("j")), .key(.character(" ")), .key(.enter), .key(.character("i")), .key(.character("s")),
                .key(.character(" ")), .key(.character("i")), .key(.character("t")), .key(.character("?")),
                .key(.control("w")), .key(.escape), .key(.function(12)), .key(.character("<")), .waitUntilIdle,
                .waitFor("yes 97%"), .resize(columns: 60, rows: 20), .paste("a b"),
                .mouse(.press, row: 0, column: 79), .mouse(.wheelUp, row: 3, column: 4), .key(.character("q")),
            ])
    }

    @Test(arguments: ["<nothing>", "<f0>", "<f64>", "<c-ä>", "<c->", "<resize:0x4>", "<resize:10>", "<wait:>", "<>", "<click:1>", "<click:1,x>", "<click:-1,2>", "<wheel:1,2>", "<wheel:left,1,2>"])
    func unknownNamesAreRefused(script: String) {
        let name = String(script.dropFirst().dropLast())
        #expect(throws: KeyScriptError.unknownName(name: name, position: 2)) { try KeyScript.parse("a" + script) }
    }

    @Test func errorsAreOneSafeLine() {
        #expect(throws: KeyScriptError.unclosedName(position: 3)) { try KeyScript.parse("ab<enter") }
        let message = KeyScriptError.unknownName(name: "a\u{1B}\nb", position: 1).description
        #expect(!message.contains { $0.isNewline || $0 == "\u{1B}" })
    }

    @Test func everyKeyIsReadBackFromItsName() throws {
        var keys: [Key] = Key.names.map(\.key) + (1...63).map { .function($0) } + [.character("x"), .character("漢")]
        for letter in "abcdefghijklmnopqrstuvwxyz[\\]^_ " { keys.append(.control(letter)) }
        for key in keys { #expect(try KeyScript.parse(key.description) == [.key(key)]) }
    }
}
