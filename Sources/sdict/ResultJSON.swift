// The JSON of results. Keys are an interface: scripts and papers read them.

import SpectralEngine
import SpectralModel

/// Milliseconds and pixels are rounded to hundredths.
enum ResultJSON {
    struct Caption: Encodable {
        struct Token: Encodable {
            let text: String
            let probability: Float
        }
        let image: String
        let caption: String
        let tokens: [Token]
        let k: Int
        let milliseconds: Double
        let warnings: [String]

        init(image: String, _ made: Captioning, warnings: [String]) {
            self.image = image
            caption = made.caption
            tokens = made.tokens.map { Token(text: $0.text, probability: $0.probability) }
            k = made.k
            milliseconds = made.milliseconds.rounded(digits: 2)
            self.warnings = warnings
        }
    }

    struct Answer: Encodable {
        struct Candidate: Encodable {
            let answer: String
            let probability: Float
        }
        let image: String
        let answer: String
        let candidates: [Candidate]
        let k: Int
        let milliseconds: Double
        let warnings: [String]

        init(image: String, _ made: Answering, warnings: [String]) {
            self.image = image
            answer = made.answer
            candidates = made.candidates.map { Candidate(answer: $0.text, probability: $0.probability) }
            k = made.k
            milliseconds = made.milliseconds.rounded(digits: 2)
            self.warnings = warnings
        }
    }

    struct Box: Encodable {
        let image: String
        /// x, y, width, height in pixels of the image given.
        let box: [Double]
        let k: Int
        let milliseconds: Double
        let warnings: [String]

        init(image: String, _ made: Grounding, warnings: [String]) {
            self.image = image
            box = made.box.values
            k = made.k
            milliseconds = made.milliseconds.rounded(digits: 2)
            self.warnings = warnings
        }
    }
}

extension PixelBox {
    /// x, y, width, height, to hundredths of a pixel.
    var values: [Double] { [x, y, width, height].map { $0.rounded(digits: 2) } }
}
