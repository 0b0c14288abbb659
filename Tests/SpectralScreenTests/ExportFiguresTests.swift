import Foundation
import Testing

@testable import SpectralScreen

/// Tables of figures as files.
@Suite struct ExportFiguresTests {
    private let figures = ExportFigures(
        title: "Two, of | them \u{1B}", columns: ["name", "count", "score", "time", "same", "unknown"],
        rows: [
            [.text("a,\"b\""), .whole(3), .single(0.1), .double(1.0 / 3), .truth(true)],
            [.text("\u{202E}x"), .none, .single(.nan), Cell(double: nil), .truth(false)], [.text("short")],
        ],
        parts: [
            ExportFigures(title: "more", columns: ["x"], rows: [[.single(1e-7)]]),
            ExportFigures(title: "nothing", columns: ["x"], rows: []),
        ])
    private typealias Cell = ExportFigures.Cell
    private let facts = [ExportFact("question", "what\nis it?")]

    @Test func jsonHoldsEveryDigit() throws {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(figures.json(facts: facts).utf8)) as? [String: Any])
        let rows = try #require(object["rows"] as? [[String: Any]])
        #expect(rows.count == 3 && rows.allSatisfy { Set($0.keys) == Set(figures.columns) })
        #expect((rows[0]["score"] as? NSNumber)?.floatValue == 0.1 && (rows[0]["time"] as? NSNumber)?.doubleValue == 1.0 / 3)
        #expect(rows[0]["same"] as? Bool == true && rows[0]["name"] as? String == "a,\"b\"" && rows[0]["count"] as? Int == 3)
        #expect(rows[1]["score"] is NSNull && rows[1]["count"] is NSNull && rows[2]["same"] is NSNull)
        #expect((object["facts"] as? [String: String]) == ["question": "what\nis it?"])
        let parts = try #require(object["parts"] as? [[String: Any]])
        #expect(parts.count == 1 && parts[0]["title"] as? String == "more", "empty tables are left out")
        #expect(!figures.json(facts: facts).unicodeScalars.contains { $0 != "\n" && $0.actsOnTerminal })
    }

    @Test func csvIsOneTableAfterItsFacts() {
        let lines = figures.csv(facts: facts).components(separatedBy: "\r\n")
        #expect(lines[0].hasPrefix("# title: Two, of | them") && lines[1].hasPrefix("# question: what") && lines[2] == "# more in .json and .md: more")
        #expect(lines[3] == "name,count,score,time,same,unknown")
        #expect(lines[4] == "\"a,\"\"b\"\"\",3,0.1,0.3333333333333333,true,")
        #expect(lines[5].hasSuffix("x,,nan,,false,") && lines[6] == "short,,,,,")
    }

    @Test func markdownRoundsAndPutsNumbersRight() {
        let text = figures.markdown(facts: facts), lines = text.components(separatedBy: "\n")
        #expect(lines[0].hasPrefix("# Two, of \\| them"))
        #expect(lines.contains("| --- | ---: | ---: | ---: | --- |") && lines.contains("| a,\"b\" | 3 | 0.100 | 0.333 | true |"))
        #expect(lines.contains("## more") && lines.contains("| 1.00e-7 |") && !text.contains("nothing") && !text.contains("unknown"))
        #expect(lines.contains { $0.hasPrefix("- question: what") })
    }
}
