// Questions about how many there are and whether there is one: the kinds whose answers have to be kept even.

extension Scene {
    /// "how many objects / red objects / circles / large objects are there?"
    ///
    /// A third asks about all objects. Of the others three in ten ask for something absent; half of the rest ask for
    /// what is most frequent, because two or more of a kind are rare.
    func countQuestion(using random: inout SceneRandom) -> SceneQuestion {
        let template = random.pick(SceneTemplates.count)
        func ask(_ name: String, _ count: Int) -> SceneQuestion {
            SceneQuestion(
                kind: .count, text: "\(template.before)\(name)\(template.after)",
                answer: SceneNumber.words[min(count, 9)])
        }
        switch random.below(10) {
        case 0..<3: return ask("objects", objects.count)
        case 3..<6:
            let (value, count) = countedValue(\.colour, using: &random)
            return ask("\(value.word) objects", count)
        case 6..<9:
            let (value, count) = countedValue(\.shape, using: &random)
            return ask(value.plural, count)
        default:
            let (value, count) = countedValue(\.size, using: &random)
            return ask("\(value.word) objects", count)
        }
    }

    private func countedValue<Attribute: SceneAttribute>(
        _ attribute: KeyPath<SceneObject, Attribute>, using random: inout SceneRandom
    ) -> (value: Attribute, count: Int) {
        var counts = [Int](repeating: 0, count: Attribute.all.count)
        for object in objects { counts[object[keyPath: attribute].number] += 1 }
        let absent = counts.indices.filter { counts[$0] == 0 }
        let present = counts.indices.filter { counts[$0] > 0 }
        let number: Int
        if !absent.isEmpty, present.isEmpty || random.chance(0.3) {
            number = random.pick(absent)
        } else if random.chance(0.5) {
            let most = counts.max() ?? 0
            number = random.pick(present.filter { counts[$0] == most })
        } else {
            number = random.pick(present)
        }
        return (Attribute.all[number], counts[number])
    }

    /// "is there a red circle?" and its like, yes and no with equal chance; five in six of the objects that are not
    /// there differ in one attribute from one that is.
    ///
    /// No question names colour, shape and texture together: in the training split the held-out combinations would
    /// then always be answered with no.
    func existenceQuestion(using random: inout SceneRandom) -> SceneQuestion? {
        guard !objects.isEmpty else { return nil }
        let unseen = split == .heldout ? objects.filter(\.isHeldOut) : []
        let target = random.pick(unseen.isEmpty ? objects : unseen)
        let opening = random.pick(SceneTemplates.existence)
        let wantsYes = random.chance(0.5)
        for _ in 0..<32 {
            let form = random.pick(ExistenceForm.all)
            let asked = wantsYes ? target : form.changed(target, using: &random)
            if !wantsYes, objects.contains(where: { form.matches($0, asked) }) { continue }
            return SceneQuestion(
                kind: .exist, text: "\(opening)\(form.phrase(asked))?", answer: wantsYes ? "yes" : "no")
        }
        return nil
    }
}

/// The attributes a question of existence names.
private struct ExistenceForm {
    let size: Bool
    let colour: Bool
    let shape: Bool
    let texture: Bool

    static let all = [
        ExistenceForm(size: false, colour: true, shape: true, texture: false),
        ExistenceForm(size: false, colour: true, shape: false, texture: false),
        ExistenceForm(size: false, colour: false, shape: true, texture: true),
        ExistenceForm(size: true, colour: true, shape: true, texture: false),
        ExistenceForm(size: false, colour: false, shape: true, texture: false),
    ]

    func matches(_ object: SceneObject, _ asked: SceneObject) -> Bool {
        (!size || object.size == asked.size) && (!colour || object.colour == asked.colour)
            && (!shape || object.shape == asked.shape)
            && (!texture || (object.texture == asked.texture && object.digit == asked.digit))
    }

    func phrase(_ object: SceneObject) -> String {
        var text = size ? "a \(object.size.word) " : ""
        if texture, object.texture == .plain { text = "a plain " }
        if colour {
            if text.isEmpty { text = object.colour == .orange ? "an " : "a " }
            text += "\(object.colour.word) "
        }
        if text.isEmpty { text = "a " }
        text += shape ? object.shape.word : "object"
        if texture { text += object.textureClause }
        return text
    }

    /// The object with one of the named attributes changed, or in one case of six with all of them drawn anew.
    func changed(_ object: SceneObject, using random: inout SceneRandom) -> SceneObject {
        var asked = object
        if random.chance(1.0 / 6) {
            asked.size = random.pick(SceneSize.self)
            asked.colour = random.pick(SceneColour.self)
            asked.shape = random.pick(SceneShape.self)
            asked.texture = random.pick(SceneTexture.self)
        } else {
            var named: [Int] = []
            if size { named.append(0) }
            if colour { named.append(1) }
            if shape { named.append(2) }
            if texture { named.append(3) }
            switch random.pick(named) {
            case 0: asked.size = random.pick(otherThan: object.size)
            case 1: asked.colour = random.pick(otherThan: object.colour)
            case 2: asked.shape = random.pick(otherThan: object.shape)
            default:
                if let digit = object.digit, random.chance(0.5) {
                    asked.digit = (digit + 1 + random.below(9)) % 10
                } else {
                    asked.texture = random.pick(otherThan: object.texture)
                }
            }
        }
        // A digit on a shape that cannot bear one would be answerable without looking.
        if texture, asked.texture == .digit, !asked.shape.bearsDigits {
            if asked.shape == object.shape {
                asked.texture = SceneTexture.all[random.below(SceneTexture.all.count - 1)]
            } else {
                asked.shape = object.shape == .circle ? .square : .circle
            }
        }
        if asked.texture != .digit {
            asked.digit = nil
        } else if asked.digit == nil {
            asked.digit = random.below(10)
        }
        return asked
    }
}
