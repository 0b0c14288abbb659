// What the tokens of an English caption look like. The rules are those of the Penn Treebank as the tokeniser of the public
// caption scorer applies them (Stanford PTBTokenizer 3.4.1, -preserveLines -lowerCase), found by giving it texts:
// 174,000 dictionary words alone and before a full stop, all of Unicode up to U+30FF, and pages of odd cases.

/// Patterns in order: of those that match the most, the first has the token.
final class TokenPatterns {
    /// What becomes of the text a pattern matched.
    enum Action {
        case asItIs
        /// Two words written as one, cut after so many characters.
        case cut(Int)
        case text(String)
        /// Curly apostrophes become straight ones.
        case straight
        case fraction
        case nothing
    }

    let all: [(pattern: LongestMatch, action: Action)]

    init() {
        let letter = "A-Za-z\u{01}", word = "A-Za-z\u{01}\u{02}\u{15}", alnum = "A-Za-z0-9\u{01}\u{15}"
        let apostrophe = "['\u{04}]", anyApostrophe = "['`\u{04}\u{05}]", gap = "[ \u{12}]"
        var list: [(LongestMatch, Action)] = []
        func add(_ token: String, before context: String = "", ignoringCase: Bool = false, _ action: Action = .asItIs) {
            list.append((LongestMatch(token, before: context, ignoringCase: ignoringCase), action))
        }

        // Words run together, and negations.
        for (text, place) in [("cannot", 3), ("gonna", 3), ("gotta", 3), ("lemme", 3), ("gimme", 3), ("wanna", 3)] {
            add(text, ignoringCase: true, .cut(place))
        }
        for (text, place) in [("'tis", 2), ("'twas", 2), ("more'n", 4)] { add(text, ignoringCase: true, .cut(place)) }
        add("[A-Za-z]*[A-MO-Za-mo-z]", before: "n\(apostrophe)t", ignoringCase: true)
        add("n\(apostrophe)t", ignoringCase: true, .straight)
        add("\(apostrophe)(s|m|d|re|ve|ll)", before: "($|[^\(letter)])", ignoringCase: true, .straight)

        // Words with an apostrophe of their own.
        add("\(apostrophe)n\(apostrophe)?", ignoringCase: true)
        add("\(apostrophe)(em|till?|cause)", ignoringCase: true)
        add("\(apostrophe)[2-9]0s")
        add("\(apostrophe)[0-9][0-9]", before: "($|\(gap))")
        add("[lLdDjJ]\(apostrophe)|(Dunkin|somethin|ol)\(apostrophe)", ignoringCase: true)
        add("[A-HJ-XZn]\(anyApostrophe)[\(word)][\(word)]+")
        add("[\(word)]+[aeiouy]\(anyApostrophe)[aeiouA-Z][\(word)]*")
        add("(e'er|ne'er|ev'ry|li'l|nat'l|s'mores|nor'easter|c'mon)".replacingOccurrences("'", apostrophe), ignoringCase: true)

        // Words, numbers, and what hyphens and slashes join.
        let plain = "[\(word)][0-9\(word)]*([.!?][\(word)][0-9\(word)]*)*"
        add(plain)
        add(plain, before: "\(apostrophe)(s|m|d|re|ve|ll)($|[^\(letter)])", ignoringCase: true)
        add("[yY]\(apostrophe)", before: "[\(letter)]")
        let start = "([dDoOlL]\(anyApostrophe)[\(alnum)])?"
        add("\(start)[\(alnum)]+([-\u{11}]\(start)[\(alnum)]+)*")
        add("[\(alnum)][\(alnum).,]*([-_\u{11}]([\(alnum)]+|[A-Za-z](\\.[A-Za-z])+\\.))+")
        add("[-+]?([0-9]*([.:,][0-9]+)+|[0-9]+)")
        add("([0-9]{1,4}[- \u{12}])?[0-9]{1,4}/[0-9]{1,4}")
        add("[\(alnum)]+(-[\(letter)]+){0,2}(\\\\?/[\(alnum)]+(-[\(letter)]+){0,2}){1,2}")
        add("[0-9]{1,2}[-/][0-9]{1,2}[-/][0-9]{2,4}")
        add(
            "(\\([0-9]{2,3}\\)\(gap)?|(\\+\\+?)?([0-9]{2,4}[- \u{12}])?[0-9]{2,4}[- \u{12}])[0-9]{3,4}[- \u{12}]?[0-9]{3,5}")
        add("[A-Z]+(([+&]|&amp;)[A-Z]+)+|[cC]\\+\\+|[cCfF]#")

        // Abbreviations keep their full stop.
        add("[A-Za-z](\\.[A-Za-z])*\\.")
        add("(\(Self.abbreviations)|(Ed|Ph)\\.D)\\.", ignoringCase: true)
        add("(\(Self.capitalAbbreviations))\\.")
        add("(art|ca|figs?|nos?|op|pp|prop)\\.", before: "\(gap)?[0-9]", ignoringCase: true)

        // Addresses, marks of markup, smileys.
        let ends = "[^ \"<>|.!?(){},-]"
        add("https?://[^ \"<>|()]+\(ends)", ignoringCase: true)
        let domain = "([^ \"`'<>|.!?(){},/$-][^ \"`'<>|.!?(){},/$]*\\.)+(com|net|org|edu)"
        add("(www\\.([^ \"<>|.!?(){},]+\\.)+[A-Za-z]{2,4}|\(domain))(/[^ \"<>|()]+\(ends))?")
        add("[A-Za-z0-9][^ \"<>|()]*@([^ \"<>|(){}.]+\\.)*[^ \"<>|(){}.]+")
        add("@[A-Za-z_][A-Za-z_0-9]*|#[\(letter)]+")
        let name = "[A-Za-z][A-Za-z0-9:.-]*"
        add("</?\(name)( +\(name)(=(\"[^\"]*\"|'[^']*'))?)* */?>")
        add("&quot;|&nbsp;", .nothing)
        add("&apos;(s|m|d|re|ve|ll)", before: "($|[^\(letter)])", .straight)
        for (entity, text) in [("amp", "&"), ("lt", "<"), ("gt", ">"), ("apos", "'")] { add("&\(entity);", .text(text)) }
        add("&#[0-9]+;")
        add("[<>]?[:;=][-o*']?[]()DPdpO\\\\{@|[]", before: "($|[^A-Za-z])")
        add("[-^x=~<>']_[-^x=~<>']|\\([-^x=~<>'][_.]?[-^x=~<>']\\)|\\([\\^x=~<>']-[\\^x=~<>'`]\\)")

        // Money, and the rest.
        add("[A-Z]*\\$|#")
        add("\u{0B}", .text("$"))
        add("\u{0E}", .text("cents"))
        add("\u{0F}", .text("#"))
        add("\u{10}", .fraction)
        add("[?!]+|_+|\\*+|<<|>>")
        add("\\.{3,5}|(\\.\(gap)){2,4}\\.|\u{08}", .text("..."))
        add("-{2,4}|\u{07}", .text("--"))
        add("-{5,}")
        // A quotation mark opens where letters follow: what follows counts for its length.
        add(anyApostrophe, before: "[\(letter)][^ ]", .nothing)
        add("''|``|[\"'`\u{04}\u{05}\u{06}]", .nothing)
        add("\\(", .text("-lrb-"))
        add("\\)", .text("-rrb-"))
        add("\\[", .text("-lsb-"))
        add("\\]", .text("-rsb-"))
        add("\\{", .text("-lcb-"))
        add("\\}", .text("-rcb-"))
        add("[\u{11}\u{14}]", .nothing)
        add(".")
        all = list.map { (pattern: $0.0, action: $0.1) }
    }

    private static let abbreviations = """
        adj|adm|adv|al|ala|alex|apr|ariz|assn|assoc|asst|attys?|aug|ave|bancorp|bhd|bldg|blvd|brig|bros|calif|capt|cf|cie|\
        cmdr|col|colo|comdr|conn|corp|cos?|cpl|ct|dak|dec|dept|det|drs?|elec|ens|esq|est|etc|ext|feb|fla|fri|ft|ga|gen|govs?|\
        hon|inc|ind|insp|intl|invt|jan|jos|jr|jul|jun|kans?|ky|lieut|lt|ltd|maj|mar|md|messrs|mfg|mich|minn|mlle|mme|mo|mon|\
        mont|mrs?|ms|msgr|mt|mtg|natl|neb|nev|nov|oct|okla|penn|pfc|ph|plc|pp?t[ye]s?|pres|profs?|pvt|rd|reps?|rev|rt|sens?|\
        sept?|seq|sfc|sgt|spc|sq|sr|ste?|supts?|sys|tel|tenn|thu|thurs|treas|tues?|univ|va|vs|vt|wed|wisc?|wm|wyo
        """

    /// States whose names are words too, if not for the capital.
    private static let capitalAbbreviations = [
        "Ark", "Az", "Del", "Ill", "La", "Mass", "Miss", "Ore", "Pa", "Tex", "Wash",
    ].flatMap { [$0, $0.uppercased()] }.joined(separator: "|")
}

extension String {
    fileprivate func replacingOccurrences(_ mark: Character, _ text: String) -> String {
        map { $0 == mark ? text : String($0) }.joined()
    }
}
