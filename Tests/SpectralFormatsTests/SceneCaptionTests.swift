import Testing

@testable import SpectralFormats

@Suite("Scenes: captions and their judge")
struct SceneCaptionTests {
    private let pair = Scene(
        objects: [
            SceneObject(x: 40, y: 20, size: .small, colour: .blue, shape: .square, texture: .plain),
            SceneObject(x: 15, y: 25, size: .large, colour: .red, shape: .circle, texture: .dots),
            SceneObject(x: 50, y: 50, size: .small, colour: .white, shape: .circle, texture: .digit, digit: 7),
            SceneObject(x: 45, y: 38, size: .small, colour: .blue, shape: .square, texture: .plain),
        ], tone: .dark)

    @Test("captions read as specified")
    func wording() {
        #expect(
            pair.caption() == "a large red circle with dots left of a small plain blue square and two more objects")
        let two = Scene(objects: [pair.objects[2], pair.objects[3]], tone: .dark)
        #expect(two.caption() == "a small plain blue square above a small white circle with the digit seven")
        let three = Scene(objects: Array(pair.objects[0..<3]), tone: .dark)
        #expect(three.caption().hasSuffix(" and one more object"))
        #expect(Scene(objects: [pair.objects[1]], tone: .dark).caption() == "a large red circle with dots")
        let phrases = pair.referringPhrases()
        #expect(
            Set(phrases.filter { $0.objectIndex == 1 }.map(\.phrase)) == [
                "the red object", "the red circle", "the large red circle",
            ])
        #expect(!phrases.contains { $0.objectIndex == 0 || $0.objectIndex == 3 })
    }

    @Test("referring phrases name exactly the object they come with")
    func references() {
        for index in 0..<300 {
            let scene = Scene.draw(split: .train, seed: 20, index: index)
            for (phrase, object) in scene.referringPhrases() {
                let words = phrase.split(separator: " ").map(String.init)
                #expect(words[0] == "the")
                #expect(SceneOracle(scene: scene).matching(Array(words.dropFirst())) == [scene.objects[object]])
            }
        }
    }

    @Test("the judge accepts every generated caption", arguments: SceneSplit.allCases)
    func acceptsGenerated(split: SceneSplit) {
        for index in 0..<700 {
            let scene = Scene.draw(split: split, seed: 21, index: index)
            let verdict = CaptionJudge.judge(scene.caption(), against: scene)
            #expect(verdict.fullyRight, "\(scene.caption())")
            #expect(verdict.firstIsTrue == true && verdict.remainingIsTrue == true)
        }
    }

    @Test("the judge rejects a caption as soon as one thing in it is false")
    func rejectsCorruptions() {
        // Words that may stand in for each other; a change is false unless the scene happens to make it true,
        // which a search over pairs of objects, written here, decides.
        let groups = [
            ["small", "large"], ["red", "green", "blue", "yellow", "purple", "cyan", "orange", "white"],
            ["circle", "square", "triangle", "cross", "ring"], ["horizontal", "vertical", "rising", "falling"],
            ["checks", "dots"], ["left", "right"], ["above", "below"],
            ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
        ]
        var rejected = 0
        for index in 0..<150 {
            let scene = Scene.draw(split: .train, seed: 22, index: index)
            let words = scene.caption().split(separator: " ").map(String.init)
            for (place, word) in words.enumerated() {
                for group in groups where group.contains(word) {
                    for other in group where other != word {
                        var changed = words
                        changed[place] = other
                        let caption = changed.joined(separator: " ")
                        let verdict = CaptionJudge.judge(caption, against: scene)
                        #expect(verdict.fullyRight == isTrue(caption, of: scene), "\(caption) | \(scene.caption())")
                        if !verdict.fullyRight { rejected += 1 }
                    }
                }
            }
        }
        #expect(rejected > 3000)
    }

    /// Whether a true caption of some ordered choice of objects equals the text: the captions of a scene are few.
    private func isTrue(_ caption: String, of scene: Scene) -> Bool {
        let objects = scene.objects
        let rest = objects.count - 2
        let ending = rest <= 0 ? "" : rest == 1 ? " and one more object" : " and two more objects"
        if objects.count == 1 { return caption == phrase(objects[0]) }
        for (i, one) in objects.enumerated() {
            for (j, other) in objects.enumerated() where i != j {
                var relations: [String] = []
                if one.x < other.x { relations.append("left of") }
                if one.x > other.x { relations.append("right of") }
                if one.y < other.y { relations.append("above") }
                if one.y > other.y { relations.append("below") }
                for relation in relations where caption == "\(phrase(one)) \(relation) \(phrase(other))\(ending)" {
                    return true
                }
            }
        }
        return false
    }

    private func phrase(_ object: SceneObject) -> String {
        let texture = SceneOracle.textures[object.texture]!
        let colour = SceneOracle.colours.first { $0.value == object.colour }!.key
        let shape = ["circle", "square", "triangle", "cross", "ring"].first { SceneOracle.shapes[$0] == object.shape }!
        let size = object.size == .small ? "small" : "large"
        switch object.texture {
        case .plain: return "a \(size) plain \(colour) \(shape)"
        case .digit: return "a \(size) \(colour) \(shape) with the digit \(SceneOracle.numbers[object.digit!])"
        default: return "a \(size) \(colour) \(shape) with \(texture)"
        }
    }

    @Test("any true description counts, in any order; one object cannot stand for two")
    func otherOrders() {
        func right(_ caption: String) -> Bool { CaptionJudge.judge(caption, against: pair).fullyRight }
        #expect(right("a small plain blue square right of a large red circle with dots and two more objects"))
        #expect(right("a small plain blue square above a small plain blue square and two more objects"))
        #expect(right("a small white circle with the digit seven below a small plain blue square and two more objects"))
        #expect(!right("a large red circle with dots left of a large red circle with dots and two more objects"))
        let twice = CaptionJudge.judge(
            "a large red circle with dots left of a large red circle with dots and two more objects", against: pair)
        #expect(twice.firstIsTrue == true && twice.secondIsTrue == false && twice.relationIsTrue == false)
        let short = CaptionJudge.judge("a large red circle with dots", against: pair)
        #expect(short.firstIsTrue == true && short.remainingIsTrue == false && !short.fullyRight)
        #expect(short.secondIsTrue == nil)
    }

    @Test(
        "what does not follow the grammar is wrong",
        arguments: [
            "", "a", "a red circle", "a large red circle", "large plain red circle",
            "a large plain red circle with dots",
            "a large red circle with dots and",
            "a large red circle with dots left a small plain blue square and two more objects",
            "a large red circle with dots left of a small plain blue square and two more object",
            "a large red circle with dots left of a small plain blue square and two more objects objects",
            "a large red circle with dots and zero more objects", "a large red circle with digit seven",
            "a large red circle with dots left of and two more objects",
            "A large red circle with dots left of a small plain blue square and two more objects",
        ])
    func ungrammatical(caption: String) {
        let verdict = CaptionJudge.judge(caption, against: pair)
        #expect(verdict.reading == nil && !verdict.fullyRight)
    }
}
