import Testing

@testable import SpectralFormats

@Suite("Scenes: layout and pixels")
struct SceneDrawTests {
    @Test("a scene is a pure function of split, seed and index")
    func purity() {
        for index in [0, 1, 17, 4095] {
            let first = Scene.draw(split: .dev, seed: 9, index: index)
            #expect(first == Scene.draw(split: .dev, seed: 9, index: index))
            #expect(first.render() == Scene.draw(split: .dev, seed: 9, index: index).render())
            #expect(first.questions(count: 12) == first.questions(count: 12))
            #expect(first != Scene.draw(split: .train, seed: 9, index: index))
            #expect(first != Scene.draw(split: .dev, seed: 10, index: index))
            #expect(first != Scene.draw(split: .dev, seed: 9, index: index + 1))
        }
    }

    @Test("the sequence is the published xoshiro256** seeded by SplitMix64")
    func publishedSequence() {
        // A second implementation, word for word from the authors' C.
        var z: UInt64 = 42
        func seedWord() -> UInt64 {
            z &+= 0x9e37_79b9_7f4a_7c15
            var r = z
            r = (r ^ (r >> 30)) &* 0xbf58_476d_1ce4_e5b9
            r = (r ^ (r >> 27)) &* 0x94d0_49bb_1331_11eb
            return r ^ (r >> 31)
        }
        var s = (0..<4).map { _ in seedWord() }
        func rotl(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
        var random = SceneRandom(seed: 42)
        for _ in 0..<100 {
            let result = rotl(s[1] &* 5, 7) &* 9
            let t = s[1] << 17
            s[2] ^= s[0]
            s[3] ^= s[1]
            s[1] ^= s[2]
            s[0] ^= s[3]
            s[2] ^= t
            s[3] = rotl(s[3], 45)
            #expect(random.next() == result)
        }
    }

    @Test("held-out combinations occur in the held-out split only, there in every scene as object 0")
    func heldOut() {
        func combination(_ object: SceneObject) -> Bool {
            let colours: [SceneColour] = [.red, .green, .blue, .yellow, .purple, .cyan, .orange, .white]
            let shapes: [SceneShape] = [.circle, .square, .triangle, .cross, .ring]
            let textures: [SceneTexture] = [
                .plain, .horizontalStripes, .verticalStripes, .risingStripes, .fallingStripes, .checks, .dots, .digit,
            ]
            let c = colours.firstIndex(of: object.colour)!
            let s = shapes.firstIndex(of: object.shape)!
            let t = textures.firstIndex(of: object.texture)!
            return (c * 31 + s * 17 + t * 7) % 11 == 3
        }
        var unseen = Set<String>()
        for index in 0..<1000 {
            for split in [SceneSplit.train, .dev] {
                #expect(!Scene.draw(split: split, seed: 5, index: index).objects.contains(where: combination))
            }
            let object = Scene.draw(split: .heldout, seed: 5, index: index).objects[0]
            #expect(combination(object))
            unseen.insert("\(object.colour) \(object.shape) \(object.texture)")
        }
        #expect(unseen.count > 20)
    }

    @Test("held-out questions about attributes and existence are about the unseen object where it can be named")
    func heldOutQuestions() {
        for index in 0..<300 {
            let scene = Scene.draw(split: .heldout, seed: 6, index: index, maxObjects: 3)
            let oracle = SceneOracle(scene: scene)
            let shapeIsUnique = scene.objects.filter { $0.shape == scene.objects[0].shape }.count == 1
            for question in scene.questions(count: 12) where question.kind == .color && shapeIsUnique {
                let unseen = scene.objects.filter(\.isHeldOut).map(\.colour.word)
                #expect(unseen.contains(question.answer), "\(question.text)")
            }
            for (phrase, object) in scene.referringPhrases() where shapeIsUnique {
                #expect(scene.objects[object].isHeldOut, "\(phrase)")
            }
            for question in scene.questions(count: 12) { #expect(oracle.answer(question.text) == question.answer) }
        }
    }

    @Test("objects lie inside the image, apart from each other, with digits where they can be read; counts are even")
    func layout() {
        var counts = [Int](repeating: 0, count: 5)
        var large = 0
        var total = 0
        for index in 0..<2000 {
            let scene = Scene.draw(split: .train, seed: 1, index: index)
            counts[scene.objects.count] += 1
            for (place, one) in scene.objects.enumerated() {
                let radius = one.size == .small ? 8 : 13
                #expect(one.radius == radius)
                #expect(one.x >= radius && one.x + radius <= 64 && one.y >= radius && one.y + radius <= 64)
                #expect((one.texture == .digit) == (one.digit != nil))
                #expect(one.texture != .digit || one.shape == .circle || one.shape == .square)
                large += one.size == .large ? 1 : 0
                total += 1
                for other in scene.objects[(place + 1)...] {
                    let (dx, dy, reach) = (one.x - other.x, one.y - other.y, one.radius + other.radius + 1)
                    #expect(dx * dx + dy * dy > reach * reach)
                }
            }
            #expect(scene.hue.min() >= -10 && scene.hue.max() <= 10)
        }
        for count in counts.dropFirst() { #expect((400...600).contains(count)) }
        #expect(counts[0] == 0)
        #expect(Double(large) / Double(total) > 0.4)
        #expect(
            (0..<200).allSatisfy { Scene.draw(split: .train, seed: 1, index: $0, maxObjects: 1).objects.count == 1 })
        #expect(Scene.draw(split: .train, seed: 1, index: 0, maxObjects: -3).objects.count == 1)
    }

    @Test("no object hides part of another: each covers as many pixels with the others as alone")
    func noOverlap() {
        for index in 0..<150 {
            let scene = Scene.draw(split: .train, seed: 2, index: index)
            let together = scene.render().mask
            for (place, object) in scene.objects.enumerated() {
                let alone = Scene(objects: [object], tone: .dark).render().mask
                #expect(together.count { $0 == UInt8(place + 1) } == alone.count { $0 == 1 })
            }
        }
    }

    @Test("boxes are the extent of the mask")
    func boxes() {
        for index in 0..<150 {
            let scene = Scene.draw(split: .dev, seed: 3, index: index)
            let rendered = scene.render()
            #expect(rendered.boxes.count == scene.objects.count)
            for (place, box) in rendered.boxes.enumerated() {
                let pixels = rendered.mask.indices.filter { rendered.mask[$0] == UInt8(place + 1) }
                let columns = pixels.map { $0 % 64 }
                let rows = pixels.map { $0 / 64 }
                #expect(box.x == columns.min() && box.x + box.width - 1 == columns.max())
                #expect(box.y == rows.min() && box.y + box.height - 1 == rows.max())
            }
        }
    }

    @Test("an object outside the image draws nothing and has an empty box")
    func outside() {
        let object = SceneObject(x: 500, y: -400, size: .large, colour: .red, shape: .ring, texture: .plain)
        let rendered = Scene(objects: [object], tone: .dark).render()
        #expect(rendered.mask.allSatisfy { $0 == 0 })
        #expect(rendered.boxes == [SceneBox(x: 0, y: 0, width: 0, height: 0)])
    }

    @Test("patch labels name the object most of the patch shows")
    func patchLabels() throws {
        for index in 0..<40 {
            let scene = Scene.draw(split: .train, seed: 4, index: index)
            let rendered = scene.render()
            for (patch, least) in [(8, 8), (4, 2)] {
                let labels = try rendered.patchLabels(patch: patch)
                let grid = 64 / patch
                #expect(labels.count == grid * grid)
                for (place, label) in labels.enumerated() {
                    var cover: [UInt8: Int] = [:]
                    for offset in 0..<(patch * patch) {
                        let row = place / grid * patch + offset / patch
                        let column = place % grid * patch + offset % patch
                        cover[rendered.mask[row * 64 + column], default: 0] += 1
                    }
                    cover[0] = nil
                    guard let most = cover.values.max(), most >= least else {
                        #expect(label == .none)
                        continue
                    }
                    let best = cover.filter { $0.value == most }.keys.map { scene.objects[Int($0) - 1] }
                    #expect(
                        best.contains {
                            label.shape == $0.shape.number + 1 && label.colour == $0.colour.number + 1
                                && label.texture == $0.texture.number + 1 && label.size == $0.size.number + 1
                                && label.digit == ($0.digit.map { $0 + 1 } ?? 0)
                        })
                }
            }
        }
        let rendered = Scene.draw(split: .train, seed: 4, index: 0).render()
        #expect(throws: SceneError.patchDoesNotDivide(patch: 7)) { try rendered.patchLabels(patch: 7) }
        #expect(throws: SceneError.patchDoesNotDivide(patch: 0)) { try rendered.patchLabels(patch: 0) }
    }
}
