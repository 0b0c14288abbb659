import SpectralFormats
import TestSupport
import Testing

@Suite struct ImagesDamageTests {
    @Test(arguments: ImagesFixtures.decodings)
    func everyCutIsAnError(_ expected: ImagesFixtures.Decoding) throws {
        let bytes = try ImagesFixtures.bytes(expected.file)
        var cuts = Set((0..<20).map { bytes.count * $0 / 20 })
        cuts.formUnion((1...13).map { bytes.count - $0 })
        for cut in cuts.sorted() {
            let error = ImagesFixtures.error("\(expected.file) cut after \(cut) of \(bytes.count) bytes") {
                _ = try ImageFile.decode(Array(bytes.prefix(cut)), path: expected.file)
            }
            switch error {
            case .truncated(_, _, cut), .emptyFile, .unrecognised: break
            default: Issue.record("cut after \(cut) of \(bytes.count) bytes: \(error?.description ?? "no error")")
            }
        }
    }

    @Test(arguments: ImagesFixtures.decodings)
    func alteredBytesGiveAnImageOrAnError(_ expected: ImagesFixtures.Decoding) throws {
        let bytes = try ImagesFixtures.bytes(expected.file)
        var random = Seeded(state: 0x5eed)
        for round in 0..<40 {
            var altered = bytes
            for _ in 0...(round % 6) {
                altered[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if round % 8 == 7 {
                let start = Int.random(in: 0..<bytes.count, using: &random)
                altered.removeSubrange(start..<min(start + 5, bytes.count))
            }
            // With its checksums mended, an altered PNG gets past them to the code behind.
            if round % 2 == 0 { mendChecksums(&altered) }
            do {
                let image = try ImageFile.decode(altered, path: "altered")
                #expect(image.pixels.count == image.width * image.height * 3)
                #expect(image.width * image.height <= ImageFile.pixelLimit)
            } catch {
                #expect(error.description.contains("altered"))
            }
        }
    }

    @Test func aChecksumThatIsWrongIsDamage() throws {
        var bytes = try ImagesFixtures.bytes("rgb8.png")
        // The last chunk is 12 bytes; before it stands the checksum of the pixels.
        bytes[bytes.count - 13] ^= 1
        let error = ImagesFixtures.error("checksum") { _ = try ImageFile.decode(bytes, path: "p") }
        guard case .damaged("p", .png, _) = error else {
            Issue.record("\(error?.description ?? "no error")")
            return
        }
        mendChecksums(&bytes)
        #expect(try ImageFile.decode(bytes, path: "p") == ImageFile.load(ImagesFixtures.path("rgb8.png")))
    }

    /// Writes the right checksum behind every whole chunk of a PNG; leaves other files alone.
    private func mendChecksums(_ bytes: inout [UInt8]) {
        guard ImageFile.format(of: bytes) == .png else { return }
        var at = 8
        while at + 12 <= bytes.count {
            let length = bytes[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) }
            guard at + 12 + length <= bytes.count else { return }
            let sum = checksum(bytes[(at + 4)..<(at + 8 + length)])
            for place in 0..<4 { bytes[at + 8 + length + place] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * place)) }
            at += 12 + length
        }
    }

    /// CRC-32 as PNG defines it (annex D).
    private func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? 0xedb8_8320 ^ (sum >> 1) : sum >> 1 }
        }
        return ~sum
    }
}
