import Foundation
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// Opening folders and files while the program runs: by the state, and on a real disk.
@Suite struct OpenImagesTests {
    private func temporary(_ files: [String] = []) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("open-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for file in files {
            let parent = NSString(string: "\(folder)/\(file)").deletingLastPathComponent
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(file)"))
        }
        return folder
    }

    @Test func whatIsOpenedStandsInPlaceOfTheListAndKeepsItsAnswers() throws {
        var state = try WorkbenchState.answered()
        let known = ["/x/a.png", "/x/b.png", "/x/c.png"]
        #expect(state.run(line: #"images /y "/z z""#) == [.openImages(["/y", "/z z"], known: known)])
        #expect(state.images.count == 3, "nothing changes until the disk has answered")
        #expect(update(&state, .imagesOpened(sources: ["/other"], ["/other/a.png"])) == [], "an earlier order is not heard")
        let effects = update(&state, .imagesOpened(sources: ["/y", "/z z"], ["/y/1.png", "/x/a.png"]))
        #expect(effects.contains(.readImage(path: "/x/a.png")))
        #expect(state.images.map(\.path) == ["/y/1.png", "/x/a.png"] && state.notice == "2 images listed")
        #expect(state.selectedImage?.path == "/x/a.png" && state.shownTurn?.answer == "red", "the chosen image stays chosen")
        _ = update(&state, .imagesListed(known, problem: nil))
        #expect(state.images.count == 2, "a listing that comes late puts nothing aside")
        #expect(try state.type("r") == [.openImages(["/y", "/z z"], known: ["/y/1.png", "/x/a.png"])], "r reads what was opened")
        _ = update(&state, .imagesNotOpened(sources: ["/y", "/z z"], "no folder or file /y; the list stays as it was"))
        #expect(state.images.count == 2 && state.notice?.hasPrefix("no folder or file /y") == true && !state.isListing)
    }

    @Test func pathsAreCompletedByAnEffect() throws {
        var state = try WorkbenchState.answered()
        let query = PathQuery(text: "/p/ho", kind: .images)
        #expect(try state.type(":images /p/ho<tab>") == [.completePath(query)])
        _ = update(&state, .pathsCompleted(PathQuery(text: "/q", kind: .images), ["/q/x/"]))
        #expect(state.openLine?.text == "images /p/ho", "an answer to something else is not heard")
        _ = update(&state, .pathsCompleted(query, ["/p/home a/", "/p/home b/"]))
        #expect(state.openLine?.text == #"images /p/home\ "#, "as far as both agree")
        #expect(try state.type("<tab>") == [] && state.openLine?.text == #"images /p/home\ a/"#)
        #expect(try state.type("<tab>") == [] && state.openLine?.text == #"images /p/home\ b/"#)
        #expect(state.shown().contains("/p/home a/"))
        // Writing on makes it the beginning of another path.
        #expect(try state.type("i<tab>") == [.completePath(PathQuery(text: "/p/home b/i", kind: .images))])
        _ = update(&state, .pathsCompleted(PathQuery(text: "/p/home b/i", kind: .images), []))
        #expect(state.shown().contains("nothing on the disk begins with /p/home b/i"))
        _ = try state.type("<esc>")
        #expect(update(&state, .pathsCompleted(query, ["/p/home/"])) == [] && state.overlay == nil)
        #expect(try state.type(":open se<tab>") == [.completePath(PathQuery(text: "se", kind: .sessions))])
        #expect(try state.type("<c-u>save a b<tab>") == [.completePath(PathQuery(text: "b", kind: .any))])
    }

    @Test func theDiskOffersWhatBeginsSo() throws {
        let folder = try temporary(["a.png", "A.JPG", "ab/c.webp", "a.txt", "a.jsonl", ".a.png", "a\u{1B}[31m.png", "b.png"])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func found(_ text: String, _ kind: PathQuery.Kind = .images) -> [String] {
            PathCompletion.found(PathQuery(text: "\(folder)/\(text)", kind: kind)).map { String($0.dropFirst(folder.count + 1)) }
        }
        #expect(found("a") == ["a.png", "ab/"])
        #expect(found("") == ["A.JPG", "a.png", "ab/", "b.png"])
        #expect(found("a", .sessions) == ["a.jsonl", "ab/"])
        #expect(found("a", .any) == ["a.jsonl", "a.png", "a.txt", "ab/"])
        #expect(found(".", .any) == [".a.png"], "hidden ones when a dot is written")
        #expect(found("ab/") == ["ab/c.webp"] && found("zz") == [] && found("none/x") == [])
        #expect(PathCompletion.expanded("~/x") == NSHomeDirectory() + "/x" && PathCompletion.expanded("a~/x") == "a~/x")
        #expect(PathCompletion.found(PathQuery(text: "~", kind: .any)) == ["~/"])
    }

    @Test func onlyWhatIsThereIsOpened() throws {
        let folder = try temporary(["a.png", "b.png", "text/only.txt"])
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(try ImageCatalogue.open([folder], known: []) == ["\(folder)/a.png", "\(folder)/b.png"])
        // The same file keeps the path that its answers are kept under.
        #expect(try ImageCatalogue.open(["\(folder)/./"], known: ["\(folder)/a.png"]).first == "\(folder)/a.png")
        for (sources, words) in [
            (["\(folder)/none"], "no folder or file"), ([folder, "\(folder)/none.png"], "no folder or file"),
            (["\(folder)/text"], "no PNG, JPEG or WebP files"),
        ] {
            let error = #expect(throws: ImageCatalogue.Unopened.self) { try ImageCatalogue.open(sources, known: []) }
            #expect(error?.line.hasPrefix(words) == true && error?.line.hasSuffix("the list stays as it was") == true)
        }
    }

    /// The whole way: another folder, a folder that is not there, and back to what was asked.
    @Test func aFolderIsOpenedWhileTheProgramRuns() async throws {
        let world = TinyWorld.shared, images = world.options.images[0]
        let other = try temporary()
        defer { try? FileManager.default.removeItem(atPath: other) }
        try FileManager.default.copyItem(atPath: images + "/scene2.png", toPath: other + "/copy.png")
        let ask = "what is it?<enter><wait><esc>"
        let opened = try await world.play("\(ask):images \(other)<enter><wait>", rows: 24, columns: 80).grid.text
        #expect(opened.contains("Images 1/1") && opened.contains("copy.png") && !opened.contains("? what is it?"))
        let missing = try await world.play("\(ask):images \(other)/none<enter><wait>", rows: 24, columns: 80).grid.text
        #expect(missing.contains("Images 1/4") && missing.contains("no folder or file") && missing.contains("what is it?"))
        let back = try await world.play(
            "\(ask):images \(other)<enter><wait>:images \(images)/./<enter><wait>:image scene0<enter><wait>", rows: 24, columns: 80)
        #expect(back.grid.text.contains("Images 1/4") && back.grid.text.contains("what is it?"))
    }
}
