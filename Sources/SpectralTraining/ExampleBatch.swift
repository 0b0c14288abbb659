// Batches of examples: images that lie on disk, or are drawn, with captions and questions.

import Foundation
import SpectralFormats
import SpectralModel

/// Draws batches of examples: all of them in a new order, then all in another.
struct ExampleBatchSource: BatchSource {
    let tokenizer: Tokenizer
    let answers: [String]
    let words: Set<String>?
    let reward: CaptionReward?
    private let config: TrainingConfig
    private let data: TrainingData
    private let examples: any ExampleSet
    private let answerNumbers: [String: Int]
    let bagWords: [String]
    private let bagNumbers: [Substring: Int]

    /// - Parameters:
    ///   - spelling: how words are spelt; `nil` to learn it from the examples' texts.
    ///   - answers: what is answered with; `nil` to take the examples' most frequent.
    init(
        _ examples: any ExampleSet, data: TrainingData, config: TrainingConfig, spelling: Tokenizer? = nil, answers known: [String]? = nil
    ) throws {
        if let count = examples.count, count == 0 {
            throw TrainingError.config(path: config.name, problem: "no images are left of \(data.file.isEmpty ? "the data" : data.file)")
        }
        self.examples = examples
        self.config = config
        self.data = data
        let texts = examples.texts
        let tokenizer = try spelling ?? Tokenizer.train(
            texts: texts, vocabularySize: config.model.vocabularySize, normalization: [.lowercase])
        self.tokenizer = tokenizer
        words = spelling.map { known in Set(texts.flatMap { known.words(of: $0.lowercased()) }) }
        // The answer head has at least one output.
        answers = known ?? (examples.answers.isEmpty ? ["yes"] : Array(examples.answers.prefix(data.mostAnswers)))
        answerNumbers = Dictionary(uniqueKeysWithValues: answers.enumerated().map { ($1, $0) })
        reward = config.stages.contains { $0.reward != nil && $0.steps > 0 }
            ? CaptionReward(tokenizer: tokenizer, references: examples.captions) : nil
        bagWords = data.bagWeight > 0 ? Self.frequentWords(texts, most: data.bagWords) : []
        bagNumbers = Dictionary(uniqueKeysWithValues: bagWords.enumerated().map { ($1[...], $0) })
    }

    /// Words of three letters and more by how many texts have them, without those in every fifth.
    private static func frequentWords(_ texts: [String], most: Int) -> [String] {
        var counts: [Substring: Int] = [:]
        for text in texts { for word in words(text) { counts[word, default: 0] += 1 } }
        return counts.filter { $0.value >= 5 && $0.value * 5 < texts.count && $0.key.count >= 3 }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(most).map { String($0.key) }
    }

    private static func words(_ text: String) -> Set<Substring> {
        Set(text.split { !$0.isLetter })
    }

    func batch(stage: TrainingStage, images range: Range<Int>) -> TrainingBatch {
        let data = data.during(stage)
        var builder = BatchBuilder(config.model), bags: [[Int]] = [], referents: [Referents] = []
        var own = stage.reward.map { OwnCaptions(rewards: $0) }
        var order: (epoch: Int, places: [Int])?
        for number in range {
            var place = number
            if let count = examples.count {
                let epoch = number / count
                if order?.epoch != epoch { order = (epoch, self.order(of: epoch, count)) }
                place = order?.places[number % count] ?? 0
            }
            var random = SceneRandom(split: .train, seed: config.seed, index: number, purpose: .questions)
            let example = examples.example(place)
            let captions = Array(random.shuffle(example.captions).prefix(stage.captions))
            let questions = random.shuffle(example.questions).prefix(stage.questions)
            let told = (own == nil ? captions : example.captions) + questions.map(\.text)
            let namesSides = told.contains { Self.words($0).contains { $0 == "left" || $0 == "right" } }
            builder.add(data.augmentation.view(
                of: example.image, side: config.model.imageSize, maySwapSides: !namesSides, using: &random))
            if own != nil {
                builder.addOwnCaptions()
                own?.references.append(example.captions)
                own?.randoms.append(SceneRandom(split: .train, seed: config.seed, index: number, purpose: .noise))
            }
            for caption in captions {
                let tokens = tokenizer.encode(caption)
                builder.addCaption(tokens, read: noisy(tokens, data.wordNoise, using: &random))
            }
            for question in questions {
                guard let answer = answerNumbers[question.answer] else { continue }
                builder.addQuestion(tokenizer.encode(question.text), answer: answer)
                referents.append(question.referents)
            }
            if !bagWords.isEmpty {
                let words = example.captions.reduce(into: Set<Substring>()) { $0.formUnion(Self.words($1)) }
                bags.append(words.compactMap { bagNumbers[$0] }.sorted())
            }
        }
        var batch = builder.batch()
        (batch.bags, batch.bagWeight) = (bags, Float(data.bagWeight))
        batch.own = own
        // A crop or a mirror moves things: then it is not known where they are.
        let isMoved = data.augmentation.crop < 1 || data.augmentation.mirrors
        (batch.referents, batch.referentWeight) = (referents, isMoved ? 0 : Float(stage.referents ?? 0))
        return batch
    }

    private func order(of epoch: Int, _ count: Int) -> [Int] {
        var random = SceneRandom(split: .train, seed: config.seed, index: epoch, purpose: .layout)
        return random.shuffle(Array(0..<count))
    }

    private func noisy(_ tokens: [Int], _ share: Double, using random: inout SceneRandom) -> [Int]? {
        guard share > 0 else { return nil }
        let first = SpecialToken.allCases.count
        return tokens.map {
            random.chance(share) ? first + random.below(tokenizer.vocabularySize - first) : $0
        }
    }
}
