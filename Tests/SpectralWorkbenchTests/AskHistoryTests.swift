import Foundation
import SpectralFormats
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// Prompts used before and where new ones come from; images that go while the program runs.
@Suite struct AskHistoryTests {
    /// Asks, lets the engine answer, and leaves the prompt line.
    private func ask(_ words: String, _ state: inout WorkbenchState) throws {
        state.setFocus(.prompt)
        _ = try state.type("\(words)<enter>")
        _ = update(&state, .engine(turn: state.lastTurnID, .finished(answered("red"))))
        _ = update(&state, .measurementEnded(turn: state.lastTurnID, isComplete: true))
        state.focus = .conversation
    }

    @Test func upPrefersThePromptsOfThisImage() throws {
        var state = WorkbenchState.ready()
        try ask("one", &state)
        try ask("both", &state)
        state.focus = .images
        _ = try state.type("j")
        try ask("two", &state)
        state.focus = .images
        _ = try state.type("k")
        #expect(state.recalledPrompts == ["two", "one", "both"])
        _ = try state.type("adraft<up>")
        #expect(state.prompt.text == "both")
        _ = try state.type("<up><up><up>")
        #expect(state.prompt.text == "two")
        _ = try state.type("<down><down><down>")
        #expect(state.prompt.text == "draft", "what was being written is back")
        _ = try state.type("<down>")
        #expect(state.prompt.text == "draft")
    }

    @Test func aTurnAskedAgainKnowsWhereItComesFrom() throws {
        var state = WorkbenchState.ready()
        try ask("what is it", &state)
        _ = try state.type("<enter> now<enter>")
        #expect(state.turns.last?.parent == 1 && state.turns.last?.request.prompt == "what is it now")
        _ = update(&state, .engine(turn: 2, .finished(answered("red"))))
        // Recalled from the history it comes from its turn all the same.
        _ = try state.type("<up><up><enter>")
        #expect(state.turns.last?.request.prompt == "what is it" && state.turns.last?.parent == 1)
        _ = update(&state, .engine(turn: 3, .finished(answered("red"))))
        #expect(ScreenView.draw(state, look: Look(glyphs: .ascii, colors: .mono)).grid.text.contains("asked again"))
        // An emptied line is still the turn asked again, until it is left.
        state.focus = .conversation
        _ = try state.type("<enter><c-u>new<enter>")
        #expect(state.turns.last?.parent == 3)
        _ = update(&state, .engine(turn: 4, .finished(answered("red"))))
        state.focus = .conversation
        _ = try state.type("<enter><c-u><esc>anewer<enter>")
        #expect(state.turns.last?.request.prompt == "newer" && state.turns.last?.parent == nil)
    }

    @Test func aCaptionInBetweenLeavesTheLineAndItsOriginAlone() throws {
        var state = WorkbenchState.ready()
        try ask("what is it", &state)
        _ = try state.type("<enter><esc>c")
        #expect(state.turns.last?.request.task == .caption && state.turns.last?.parent == nil)
        _ = update(&state, .engine(turn: 2, .finished(answered("red"))))
        _ = try state.type("a?<enter>")
        #expect(state.turns.last?.request.prompt == "what is it?" && state.turns.last?.parent == 1)
    }

    @Test func brokenNeighboursAreSkippedAndCounted() throws {
        var state = WorkbenchState.ready(["/x/a.png", "/x/b.png", "/x/c.png", "/x/d.png"])
        _ = update(&state, .imageRead(path: "/x/b.png", .broken("b.png: gone")))
        _ = update(&state, .imageRead(path: "/x/c.png", .broken("c.png: gone")))
        #expect(state.readNearby() == [.readImage(path: "/x/a.png"), .readImage(path: "/x/d.png")])
        #expect(ScreenView.draw(state, look: Look(glyphs: .ascii, colors: .mono)).grid.text.contains("Images 1/4, 2 bad"))
    }

    /// Real files: one deleted, one cut short, after the list was read.
    @Test func filesThatGoWhileTheProgramRunsAreShownAsSuch() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sdict-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let image = PixelImage(width: 24, height: 24, pixels: (0..<1728).map { UInt8(($0 * 7) % 251) })
        let png = Data(try ImageFile.encodePNG(image))
        for name in ["a", "b", "c"] { try png.write(to: URL(fileURLWithPath: "\(folder)/\(name).png")) }
        let options = WorkbenchOptions(checkpoint: TinyWorld.shared.options.checkpoint, images: [folder])
        try await OwnThread.run {
            let session = WorkbenchSession(options: options, size: ScreenSize(rows: 24, columns: 80))
            defer { session.stop() }
            func settle() {
                while true {
                    let isIdle = session.runner.isIdle
                    if session.applyMail() > 0 { continue }
                    if isIdle || !session.mailbox.wait(seconds: 300) { return }
                }
            }
            func play(_ script: String) throws {
                for case .key(let key) in try KeyScript.parse(script) { session.apply(.key(key)) }
                settle()
            }
            func text() -> String { session.frame(Look(glyphs: .ascii, colors: .mono)).grid.text }
            session.start()
            settle()
            #expect(session.state.images.count == 3 && !text().contains("bad"))
            // Gone before it is asked about: the answer, the list and the preview say so.
            try FileManager.default.removeItem(atPath: "\(folder)/a.png")
            try play("what is it?<enter>")
            guard case .failed(let line)? = session.state.shownTurn?.status else {
                Issue.record("\(String(describing: session.state.shownTurn?.status))")
                return
            }
            #expect(line.contains("a.png") && line.contains("no such file") && !line.contains(folder))
            #expect(session.state.images[0].status == .broken(line) && text().contains("Images 1/3, 1 bad"))
            // Asking again is refused in one line.
            try play("again?<enter>")
            #expect(session.state.notice == line && session.state.turns.count == 1)
            // Cut short before one moves on to it, though its preview had been read.
            try png.prefix(png.count / 2).write(to: URL(fileURLWithPath: "\(folder)/b.png"))
            try play("<esc><s-tab>j")
            guard case .broken(let cut) = session.state.images[1].status else {
                Issue.record("\(session.state.images[1].status)")
                return
            }
            #expect(cut.contains("b.png") && text().contains("2 bad"))
            // Mended, it is whole again when one comes back to it.
            try play("j")
            try png.write(to: URL(fileURLWithPath: "\(folder)/b.png"))
            try play("k")
            if case .ready = session.state.images[1].status {} else { Issue.record("\(session.state.images[1].status)") }
            #expect(text().contains("1 bad"))
        }
    }
}
