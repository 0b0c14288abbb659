import Foundation
import SpectralFormats
import SpectralScreen
import TestSupport
import Testing

@testable import SpectralWorkbench

@Suite struct ConfigTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func read(_ text: String) throws -> ConfigReading {
        WorkbenchConfig.read(chosen: try folder.write("config.json", text), environment: [:])
    }

    @Test func withoutAFileThereAreDefaultsAndNothingToSay() {
        let reading = WorkbenchConfig.read(environment: ["HOME": folder.path])
        #expect(reading.config == WorkbenchConfig() && reading.path == nil && reading.problems == [])
        #expect(WorkbenchConfig.read(environment: [:]).config == WorkbenchConfig())
    }

    @Test func everyKeyIsRead() throws {
        let reading = try read("""
            {"checkpoint": "~/models/x", "images": ["a", "/b/c.png"], "k": 8, "theme": "light", "glyphs": "ascii",
             "color": "16", "restoreView": false}
            """)
        #expect(reading.problems == [])
        let home = NSHomeDirectory()
        #expect(reading.config.checkpoint == home + "/models/x")
        #expect(reading.config.images == ["a", "/b/c.png"])
        #expect(reading.config.k == 8)
        #expect(reading.config.theme == .fixed(.light) && reading.config.glyphs == .fixed(.ascii))
        #expect(reading.config.color == .fixed(.sixteen))
        #expect(!reading.config.restoreView)
    }

    @Test func whatIsPrintedCanBeTheFile() throws {
        var config = WorkbenchConfig()
        #expect(try read(config.json()).config == config)
        #expect(try config.json().contains("\"k\" : null"), "every key stands there")
        (config.checkpoint, config.images, config.k) = ("dir\u{1B}[2J\"", ["ä\n", "b"], 3)
        (config.theme, config.glyphs, config.color, config.restoreView) = (.fixed(.dark), .fixed(.braille), .fixed(.mono), false)
        let reading = try read(config.json())
        #expect(reading.config == config && reading.problems == [])
        #expect(!(try config.json()).unicodeScalars.contains("\u{1B}"))
    }

    /// One line each, and all other keys are taken.
    @Test(arguments: [
        (#""k": "eight""#, "k should be a whole number"), (#""k": 0"#, "k should be"), (#""k": 1.5"#, "k should be"),
        (#""theme": "blue""#, "theme should be \"auto\" or \"dark\""), (#""glyphs": 3"#, "glyphs should be \"auto\" or \"ascii\""),
        (#""color": "17""#, "\"256\""), (#""images": "a""#, "images should be a list"), (#""images": [1]"#, "images should be a list"),
        (#""restoreView": "yes""#, "restoreView should be true or false"), (#""checkpoint": []"#, "checkpoint should be"),
        (#""colour": "16""#, "colour is no setting"), (#""the\u001b[31m": 1"#, "is no setting"),
    ])
    func oneOddKeyCostsNothingElse(_ member: String, _ says: String) throws {
        let key = member.hasPrefix(#""restoreView"#) ? #""k": 5"# : #""restoreView": false"#
        let reading = try read("{\(member), \(key)}")
        #expect(reading.problems.count == 1 && reading.problems[0].contains(says), "\(reading.problems)")
        #expect(reading.problems[0].contains(folder.path + "/config.json"))
        #expect(reading.problems[0].unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\u{7F}" })
        var expected = WorkbenchConfig()
        if key.contains("k") && !key.contains("View") { expected.k = 5 } else { expected.restoreView = false }
        #expect(reading.config == expected)
    }

    @Test(arguments: ["", "{", "[1]", "3", "{\"k\": 1,}{", "\u{0}\u{1}"]) func whatIsNoObjectIsSaidOnce(_ text: String) throws {
        let named = try read(text), isDoneWithout = "the defaults are used"
        try FileManager.default.createDirectory(atPath: folder.file("sdict"), withIntermediateDirectories: true)
        try folder.write("sdict/config.json", text)
        let usual = WorkbenchConfig.read(environment: ["XDG_CONFIG_HOME": folder.path])
        // One that was asked for by name is not done without.
        #expect(usual.problems.first?.contains(isDoneWithout) == true && named.problems.first?.contains(isDoneWithout) == false)
        for reading in [named, usual] {
            #expect(reading.config == WorkbenchConfig() && reading.isBroken && reading.problems.count == 1, "\(reading.problems)")
            #expect(reading.problems.first?.split(whereSeparator: \.isNewline).count == 1)
        }
    }

    /// A pipe in the file's place would be waited for without end.
    @Test func aPipeAndAFolderAreNoConfig() throws {
        let pipe = folder.path + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        for path in [pipe, folder.path] {
            let reading = WorkbenchConfig.read(chosen: path, environment: [:])
            #expect(reading.config == WorkbenchConfig() && reading.problems.count == 1)
        }
    }

    @Test func foldersFollowTheSpecification() {
        #expect(UserFolders.expanded("~", ["HOME": "/h"]) == "/h" && UserFolders.expanded("~/a b", ["HOME": "/h"]) == "/h/a b")
        #expect(UserFolders.expanded("a/~/b", ["HOME": "/h"]) == "a/~/b")
        #expect(UserFolders.config(["HOME": "/h"]) == "/h/.config/sdict/config.json")
        #expect(UserFolders.config(["HOME": "/h", "XDG_CONFIG_HOME": "/c"]) == "/c/sdict/config.json")
        #expect(UserFolders.config(["HOME": "/h", "XDG_CONFIG_HOME": "c"]) == "/h/.config/sdict/config.json", "relative: ignored")
        #expect(UserFolders.state(["XDG_STATE_HOME": "/s"]) == "/s/sdict")
        #expect(UserFolders.state([:]) == nil)
    }
}
