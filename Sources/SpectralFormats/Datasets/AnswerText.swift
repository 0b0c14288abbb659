// Answers made comparable, by the published rules of the VQA challenge, https://visualqa.org/evaluation.html
// Where the rules leave room this does what the official script (PythonEvaluationTools/vqaEvaluation) does, odd or not.

import Foundation

/// Normalised answers.
public enum AnswerText {
    /// An answer with punctuation, number words, articles and contractions as the official script has them.
    public static func normalised(_ answer: String) -> String { withoutArticles(withoutPunctuation(trimmed(answer))) }

    static func trimmed(_ answer: String) -> String {
        String(answer.map { $0 == "\n" || $0 == "\t" || $0 == "\r\n" ? " " : $0 }).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static let marks: [Unicode.Scalar] = Array(";/[]\"{}()=+\\_-><@`,?!".unicodeScalars)

    /// A mark goes where a blank is beside one like it anywhere in the text, or a comma between digits is; otherwise a blank
    /// takes its place. Then full stops go but before digits, the first 32 of them.
    static func withoutPunctuation(_ answer: String) -> String {
        let text = Array(answer.unicodeScalars)
        func isDigit(_ place: Int) -> Bool {
            text.indices.contains(place) && text[place].properties.generalCategory == .decimalNumber
        }
        func isBlank(_ place: Int) -> Bool { text.indices.contains(place) && text[place] == " " }
        let hasThousands = text.indices.contains { text[$0] == "," && isDigit($0 - 1) && isDigit($0 + 1) }
        let leaving = Set(marks.filter { mark in
            hasThousands || text.indices.contains { text[$0] == mark && (isBlank($0 - 1) || isBlank($0 + 1)) }
        })
        let parted = text.compactMap { marks.contains($0) ? (leaving.contains($0) ? nil : " ") : $0 }
        var result = String.UnicodeScalarView(), stops = 0
        for (place, scalar) in parted.enumerated() {
            let digitFollows = place + 1 < parted.count && parted[place + 1].properties.generalCategory == .decimalNumber
            if scalar == ".", !digitFollows, stops < 32 { stops += 1 } else { result.append(scalar) }
        }
        return String(result)
    }

    /// Lower case, numbers to ten as digits, articles gone, apostrophes put back where they were left out.
    static func withoutArticles(_ answer: String) -> String {
        answer.lowercased().split(whereSeparator: \.isWhitespace).map { numbers[String($0)] ?? String($0) }
            .filter { !["a", "an", "the"].contains($0) }.map { contractions[$0] ?? $0 }.joined(separator: " ")
    }

    private static let numbers: [String: String] = {
        let words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
        return Dictionary(uniqueKeysWithValues: words.enumerated().map { ($1, "\($0)") } + [("none", "0")])
    }()

    /// By how they look with one apostrophe left out.
    private static let contractions: [String: String] = {
        let whole = """
            'ow's'at 'twas ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't \
            he'd he'd've he's how'd how'll how's isn't it'd it'd've it'll ma'am might've mightn't mightn't've must've mustn't \
            needn't not've o'clock oughtn't shan't she'd've should've shouldn't shouldn't've somebody'd've somebody'll \
            somebody's someone'd someone'd've someone'll someone's something'd something'd've something'll that's there'd \
            there'd've there're there's they'd they'd've they'll they're they've wasn't we'd've we've weren't what'll what're \
            what's what've when's where'd where's where've who'd who'd've who'll who's who've why'll why're why's won't would've \
            wouldn't wouldn't've y'all y'all'd've y'all'll you'd you'd've you'll you're you've
            """
        var table = ["somebody'd": "somebodyd"]
        for word in whole.split(separator: " ") {
            for place in word.indices where word[place] == "'" {
                table[String(word[..<place] + word[word.index(after: place)...])] = String(word)
            }
        }
        return table
    }()
}

/// How right an answer is, by what people answered.
public enum AnswerAccuracy {
    /// min(equal / 3, 1), averaged over leaving out each of the given answers in turn, as the official script has it.
    ///
    /// The official script normalises the model's answer, but of people's only takes the punctuation out, and this only where
    /// they differ: its annotations are normalised already. Where they are not ("two"), no answer can be equal to them.
    ///
    /// - Parameter given: what people answered, ten in the challenge; without any, 0.
    public static func official(_ answer: String, given: [String]) -> Double {
        let isOne = Set(given).count <= 1
        return consensus(AnswerText.normalised(answer), isOne ? given : given.map(AnswerText.withoutPunctuation))
    }

    /// The same, with people's answers normalised as well.
    public static func bothNormalised(_ answer: String, given: [String]) -> Double {
        consensus(AnswerText.normalised(answer), given.map(AnswerText.normalised))
    }

    private static func consensus(_ answer: String, _ given: [String]) -> Double {
        guard !given.isEmpty else { return 0 }
        let equal = given.count { $0 == answer }
        // Leaving out an equal one leaves one fewer.
        let sum = Double(equal) * min(Double(max(0, equal - 1)) / 3, 1) + Double(given.count - equal) * min(Double(equal) / 3, 1)
        return sum / Double(given.count)
    }

    /// 1 where the answer is the one given (normalised both), else 0: for data with one answer to each question.
    public static func single(_ answer: String, given: [String]) -> Double {
        let own = AnswerText.normalised(answer)
        return given.contains { AnswerText.normalised($0) == own } ? 1 : 0
    }
}
