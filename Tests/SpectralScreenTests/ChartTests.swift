import Foundation
import Testing

@testable import SpectralScreen

/// Charts: axes and the places of marks.
@Suite struct ChartTests {
    @Test func logarithmsAreThoseOfTheLibrary() {
        for value in [1e-9, 0.001, 0.3, 1, 2, 9.999, 10, 1024, 3.7e11] {
            #expect(abs(ChartMath.log10(value) - log10(value)) < 1e-12 * max(1, abs(log10(value))))
        }
        #expect(ChartMath.power(-3) == 0.001 && ChartMath.power(4) == 1e4)
        #expect([-4, -2, 0, 3, 7].map(ChartMath.label) == ["1e-4", "0.01", "1", "1000", "1e7"])
    }

    @Test func logarithmicAxesReachOverAllValues() {
        let axis = LogAxis([0.02, 30], wholeDecades: true, from: 300, to: 0)
        #expect(axis.decades == [-2, -1, 0, 1, 2])
        #expect(axis.pixel(0.01) == 300 && axis.pixel(100) == 0 && axis.pixel(1) == 150)
        #expect(LogAxis([1e-9, 1e9], wholeDecades: true, from: 0, to: 9).decades.count <= 8)
        #expect(LogAxis([5], wholeDecades: false, from: 0, to: 9).pixel(5) == 0, "one value has an axis too")
    }

    private func lines(_ values: [Double]) -> LineChart {
        LineChart(
            title: "Time & memory", xTitle: "tokens", yTitle: "ms", xTicks: [.init(256, "256"), .init(1024, "1k")],
            series: [
                .init("one", zip([256.0, 512, 1024], values).map { LineChart.Point($0, $1) }),
                .init("two", [LineChart.Point(256, 3), LineChart.Point(1024, 0), LineChart.Point(512, .nan)]),
            ])
    }

    @Test func lineChartsShowTheirWordsAndPoints() {
        let picture = ExportPicture(charts: [lines([1, 4, 16]), lines([2, 2, 2])], captions: ["by hand"])
        let svg = picture.svg()
        for word in ["Time &amp; memory", "tokens", "ms", "256", "1k", "one", "two", "by hand", ">10<", ">1<", ">100<"] {
            #expect(svg.contains(word), "\(word)")
        }
        let pixels = picture.rgb()
        #expect(pixels.count == 3 * picture.width * picture.height)
        func count(_ color: ExportColor) -> Int {
            stride(from: 0, to: pixels.count, by: 3).count { Array(pixels[$0..<$0 + 3]) == [color.red, color.green, color.blue] }
        }
        // Lines two pixels thick over two thirds of the width at least; the second series is a mark here and there.
        #expect(count(ChartColor.of(0)) > 1000)
        #expect((1..<400).contains(count(ChartColor.of(1))))
        #expect(ExportPicture(charts: [LineChart(title: "", xTitle: "", yTitle: "", xTicks: [], series: [])]).width > 0)
    }

    @Test func linesJoinTheirEnds() {
        for (a, b) in [((2, 3), (40, 20)), ((40, 20), (2, 3)), ((5, 50), (8, 4)), ((7, 7), (7, 7)), ((3, 9), (30, 9))] {
            var picture = ExportPicture(width: 60, height: 60, theme: .light)
            picture.drawLine(from: a, to: b, ChartColor.of(0))
            let pixels = picture.rgb()
            func isInk(_ p: (Int, Int)) -> Bool { pixels[3 * (p.1 * 60 + p.0)] == ChartColor.of(0).red }
            #expect(isInk(a) && isInk(b))
            let rects = picture.parts.compactMap { if case .fill(let rect, _) = $0 { rect } else { nil } }
            let longer = max(abs(a.0 - b.0), abs(a.1 - b.1)) + 1
            #expect(rects.reduce(0) { $0 + $1.width * $1.height } == 2 * longer)
        }
    }

    @Test func intervalChartsHoldZeroAndAllIntervals() {
        let chart = IntervalChart(
            title: "Drops", unit: "points", rows: ["tone", "count"],
            panels: [
                .init("low", [.init(value: 20, low: 12, high: 31, sense: .above), nil]),
                .init("high", [.init(value: -1, low: -4, high: 2, sense: .unclear), .init(value: .nan, low: 0, high: 0, sense: .below)]),
            ], legend: ["more", "less", "no difference", "no controls alike"])
        let axis = chart.axis
        #expect(axis.low == -10 && axis.high == 40 && axis.step == 10)
        let svg = ExportPicture(chart).svg()
        for word in ["Drops", "points", "tone", "count", "low", "high", "more", "no controls alike", ">-10<", ">40<"] {
            #expect(svg.contains(word), "\(word)")
        }
        #expect(IntervalChart(title: "", unit: "", rows: [], panels: [], legend: []).axis.step > 0)
    }
}
