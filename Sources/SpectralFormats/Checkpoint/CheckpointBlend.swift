// Two checkpoints of one model made into one that lies between them.
//
// Source: Wortsman et al., "Robust fine-tuning of zero-shot models" (2022): weights before and after fine-tuning, averaged,
// keep more of what the first knew than the second does, at the second's score or better. It holds along one run, from an
// earlier state to a later one, between which the loss hardly rises; weights of two runs have nothing to do with each other.

import Foundation

extension CheckpointFolder {
    /// Writes the checkpoint whose every weight is `share` of this one's plus the rest of `other`'s, in half precision where
    /// `other` has that and in single where not. What was measured of either, and the cards, stay with them.
    ///
    /// - Parameters:
    ///   - other: of the same config, tokenizer and answers; its words are kept, and its run and step.
    ///   - share: above 0 and below 1.
    ///   - path: a folder that is empty or not there.
    /// - Throws: `CheckpointError.different` where the two are not of one model and `.occupied`, before anything is written;
    ///   `SafetensorsError` by the file at fault.
    public func blend(with other: CheckpointFolder, share: Float, to path: String) throws {
        func require(_ holds: Bool, _ part: String) throws {
            if !holds { throw CheckpointError.different(path: self.path, other: other.path, part: part) }
        }
        try require(config == other.config, Self.configName)
        try require(tokenizer.json() == other.tokenizer.json(), Self.tokenizerName)
        try require(answers == other.answers, Self.answersName)
        try require(weights.names == other.weights.names, "the tensors of \(Self.weightsName)")
        guard (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty ?? true else {
            throw CheckpointError.occupied(path: path)
        }
        let tensors = try weights.names.map { name in
            let shape = weights.shape(of: name) ?? []
            let type: SafetensorsWriter.DType = other.weights.dtype(of: name) == .f16 ? .f16 : .f32
            let blended = zip(try weights.floats(name, shape: shape), try other.weights.floats(name, shape: shape)).map {
                share * $0 + (1 - share) * $1
            }
            return (name: name, shape: shape, dtype: type, values: blended)
        }
        var metadata = other.weights.metadata
        metadata["blend"] = "\(share) of \(try contentHash()), the rest of \(try other.contentHash())"
        try Self.write(
            path: path, config: other.config, tokenizer: other.tokenizer, answers: other.answers, words: other.words,
            tensors: tensors, metadata: metadata)
    }
}
