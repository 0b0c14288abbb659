import SpectralModel
import SpectralScreen
import Testing

@testable import SpectralWorkbench

/// Addresses of atoms with three digits stand in tables whole: cut, two atoms would look like one.
@Suite struct AddressColumnTests {
    @Test func theColumnIsAsWideAsTheLongestAddress() {
        #expect(AddressColumn.width([]) == 9)
        #expect(AddressColumn.width([AtomAddress(.fusion, atom: 41), AtomAddress(.text, atom: 7)]) == 9)
        #expect(AddressColumn.width([AtomAddress(.fusion, atom: 128), AtomAddress(.vision, atom: 1)]) == 10)
    }

    @Test(arguments: [60, 120]) func atomsThatMatteredAreTold(columns: Int) throws {
        var state = WorkbenchState.ready(columns: columns)
        _ = try state.type("what is it<enter>")
        _ = update(&state, .engine(turn: 1, .finished(answered("red"))))
        var measurement = Measurement()
        measurement.status = .running
        measurement.stacks = [.fusion]
        measurement.atoms = [128, 129].map {
            AtomRow(
                address: AtomAddress(.fusion, atom: $0), u: 0.25, v: -0.125, t: 0, period: 3.5, periodUnit: "patches", effect: 0.5,
                energyShare: 0.25, flags: "")
        }
        _ = update(&state, .measured(turn: 1, MeasurementPart(measurement)))
        let grid = AtomsView.draw(state, size: ScreenSize(rows: 12, columns: 50), look: Look())
        let text = (0..<12).map { row in String((0..<50).map { grid.cell(row: row, column: $0).character }) }
        #expect(text.contains { $0.contains("fusion/128 ") } && text.contains { $0.contains("fusion/129 ") })
    }
}
