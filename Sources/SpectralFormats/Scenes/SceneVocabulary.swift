/// The words of the scenes: the answer list, and texts that hold every word and turn of phrase.
public enum SceneVocabulary {
    /// Every answer a question can have, in the order of a checkpoint's `answers.txt`.
    public static let answers: [String] = {
        var list = ["yes", "no"]
        list += SceneColour.all.map(\.word)
        list += SceneShape.all.map(\.word)
        list += SceneTexture.all.map(\.word)
        list += SceneSize.all.map(\.word)
        list += SceneNumber.words
        list += SceneTone.all.map(\.word)
        list += SceneSide.all.map(\.word)
        return list
    }()

    private static let numbers = Dictionary(uniqueKeysWithValues: answers.enumerated().map { ($1, $0) })

    /// The place of an answer in `answers`, or nil.
    public static func answerNumber(_ answer: String) -> Int? { numbers[answer] }

    /// Texts for training a tokenizer: every full and short phrase, every template around a phrase, every answer, and
    /// the captions and questions of the first `scenes` training scenes of seed 0.
    public static func sampleTexts(scenes: Int = 2000) -> [String] {
        var texts = answers
        for size in SceneSize.all {
            for colour in SceneColour.all {
                for shape in SceneShape.all {
                    var object = SceneObject(x: 0, y: 0, size: size, colour: colour, shape: shape, texture: .plain)
                    texts += ReferringForm.allCases.map { "the \($0.words(object))" }
                    for texture in SceneTexture.all where texture != .digit {
                        object.texture = texture
                        texts.append(object.fullPhrase)
                    }
                    guard shape.bearsDigits else { continue }
                    object.texture = .digit
                    for digit in SceneNumber.words.indices {
                        object.digit = digit
                        texts.append(object.fullPhrase)
                    }
                }
            }
        }
        for (_, templates) in SceneTemplates.attribute.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            texts += templates.map { "\($0.before)red circle\($0.after)" }
        }
        for relation in SceneRelation.all {
            texts += SceneTemplates.relation.map {
                "\($0.before)red circle\($0.after)\(relation.word) the blue square?"
            }
        }
        for index in 0..<max(scenes, 0) {
            let scene = Scene.draw(split: .train, seed: 0, index: index)
            texts.append(scene.caption())
            texts += scene.questions(count: 12).map(\.text)
        }
        return texts
    }
}
