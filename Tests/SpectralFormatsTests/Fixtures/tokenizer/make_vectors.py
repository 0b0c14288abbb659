"""Writes the tokenizer fixtures: files trained by Hugging Face `tokenizers` (0.23.3) and the ids it gives.

Run in this folder with `tokenizers` installed. `trained.json` is not written here: it is what
`Tokenizer.train` of this package makes of corpus.json (600 ids, NFC and lower case, prefix space), and
only its vectors come from `tokenizers`. Ids are written as two base-36 digits each.
"""
import json, random
from tokenizers import Tokenizer, models, pre_tokenizers, decoders, normalizers, trainers, AddedToken
R = random.Random(7)
SPECIAL = ["<pad>", "<cls>", "<eos>", "<caption>", "<vqa>", "<ground>"]
colours = "red green blue yellow purple orange cyan white black grey".split()
shapes = "circle square triangle diamond cross ring star hexagon".split()
textures = "plain striped checkered dotted".split()
sizes = "tiny small large huge".split()
rel = ["left of", "right of", "above", "below", "next to", "in front of"]
def thing(): return f"{R.choice(sizes)} {R.choice(colours)} {R.choice(textures)} {R.choice(shapes)}"
def caption(): return R.choice([f"a {thing()} is {R.choice(rel)} a {thing()}.", f"A {thing()} on a {R.choice(['dark','light','grey'])} background", f"there are {R.randint(0,12)} {R.choice(colours)} {R.choice(shapes)}s, and one {thing()}"])
def question(): return R.choice([f"what colour is the {R.choice(shapes)}?", f"How many {R.choice(colours)} {R.choice(shapes)}s are there?", f"is there a {thing()} {R.choice(rel)} the {R.choice(shapes)}?", f"What's the digit on the {R.choice(shapes)}? it isn't {R.randint(0,999)}, we'll say they're I'm you've he'd"])
uni = ["Der größte Würfel steht über dem Kreis – schön, nicht wahr?", "le cercle à gauche n'est pas très grand, où est l'étoile ?", "квадрат находится слева от круга, сколько их?", "Ποιο χρώμα έχει το τετράγωνο; ΟΔΥΣΣΕΥΣ", "圆形在正方形的左边，有几个三角形？", "赤い丸は青い四角の上にあります。カタカナ", "빨간 원은 파란 사각형 왼쪽에 있습니다", "الدائرة الحمراء على يسار المربع الأزرق ١٢٣", "העיגול האדום נמצא משמאל לריבוע", "लाल वृत्त नीले वर्ग के बाईं ओर है १२३", "วงกลมสีแดงอยู่ทางซ้าย", "İstanbul'da kırmızı daire ışık", "e\u0301a\u0308o\u0302 n\u0303 Å \u212b \u1e9b\u0323", "👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈 🇩🇪🇯🇵 ❤️ ☕", "½ ² Ⅷ ① ৪ ௧ 𝟘", "x=3.14e-10; y[0]!=\"q\"\\n // #$%^&*", "\u202eabc\u202c \u200bzero\u200d \ufeffbom"]
corpus = [caption() for _ in range(260)] + [question() for _ in range(200)] + uni * 3
texts = list(dict.fromkeys(corpus[::2]))[:260]
alphabets = [list(range(0x20,0x7f)), list(range(0,0x20))+[0x7f,0x85,0xa0], [0x20,0x20,0x9,0xa,0xd,0xb,0xc,0x85,0xa0,0x1680,0x2000,0x2009,0x2028,0x2029,0x202f,0x205f,0x3000,0x41,0x31,0x21], list(range(0xa1,0x250)), list(range(0x300,0x345))+list(range(0x61,0x7b))+list(range(0xc0,0x100)), list(range(0x370,0x400)), list(range(0x400,0x460)), list(range(0x5d0,0x5eb))+list(range(0x600,0x66a))+[0x200e,0x200f,0x202e], list(range(0x900,0x970)), list(range(0xe01,0xe5c)), list(range(0x1100,0x11ff))+list(range(0xac00,0xac80)), list(range(0x3041,0x30ff)), list(range(0x4e00,0x4f00)), [0x1f469,0x200d,0x1f467,0x1f466,0x1f3fd,0xfe0f,0x2764,0x1f3f3,0x1f308,0x1f1e9,0x1f1ea,0x1f600], list(range(0x1d7ce,0x1d800))+list(range(0x2150,0x2190))+list(range(0x2460,0x24a0)), [0xe000,0xfffd,0xffff,0x10ffff,0xf0000,0x378,0xad,0xfeff], list(range(0x1e900,0x1e944))+list(range(0x10400,0x10450))+list(range(0x1e00,0x1f00))]
def rnd(a, n): return "".join(chr(R.choice(a)) for _ in range(n))
contr = ["'s","'t","'re","'ve","'m","'ll","'d","'S","'RE","'","''","'l","'r","'v","'x","’s"]
while len(texts) < 700: texts.append(rnd(R.choice(alphabets), R.randint(1, 16)))
while len(texts) < 1150: texts.append("".join(rnd(R.choice(alphabets), R.randint(1, 4)) for _ in range(R.randint(2, 6))))
while len(texts) < 1500: texts.append("".join(R.choice([R.choice(contr), " ", "  ", "\n", "\t ", rnd(alphabets[0],2), R.choice(shapes), "é", "日", "7", "!"]) for _ in range(R.randint(1, 8))))
added = SPECIAL + ["<CLS>", "<cl", "s>", "<mid>", "<Mid>", "<MID>", "word", "<trim>", "<left>", "<ÉTÉ>", "<été>", "<e\u0301te\u0301>", "<midway>", "<mid>way", "𠀀"]
while len(texts) < 1900: texts.append("".join(R.choice([R.choice(added), " ", "  ", "\n\u3000", R.choice(shapes), "a", "_", "é", "日", "́", "3", "-", R.choice(contr)]) for _ in range(R.randint(1, 8))))
while len(texts) < 2250: texts.append("".join(R.choice([" ", " ", "\t", "\n", "\r\n", "\u00a0", "\u3000", "\u200b", "a", "1", "?", "é"]) for _ in range(R.randint(1, 10))))
ages = [0x1c89, 0x2ebf0, 0x31350, 0x1e4d0, 0x11f02, 0x323b0, 0x16ea0, 0x10d40, 0x1ccf0, 0x11b60]  # letters and digits of Unicode 15 to 17
texts += ["", " ", "  ", "a", *SPECIAL, *(s + s for s in SPECIAL), *(f" {s} " for s in SPECIAL), "".join(SPECIAL), "a" * 300, " " * 200, "ab" * 150, "日" * 60, "'" * 40, "\u0301" * 20, *("a" + chr(c) + "1" + chr(c) + " " + chr(c) for c in ages), "ﬁ ŉ ẞ ǅ Σς", "Å Å Å", "각 각", "q\u0323\u0307 q\u0307\u0323", "\0", "\0\0a"]
while len(texts) < 2500: texts.append("".join(chr(c) for c in (R.choice([R.randrange(0x20, 0xd800), R.randrange(0xe000, 0x110000), R.randrange(0x20, 0x3000)]) for _ in range(R.randint(1, 7)))))
while len(texts) < 2700: texts.append(R.choice([caption, question])() + R.choice(["", " ", "\n"]) + R.choice(uni)[:R.randint(0, 12)])
texts = list(dict.fromkeys(texts))
json.dump(corpus, open("corpus.json", "w"), ensure_ascii=False, indent=0)
json.dump(texts, open("texts.json", "w"), ensure_ascii=True, indent=0)
def hf(size, norm, prefix, alphabet=True, specials=SPECIAL, extra=(), **model):
    t = Tokenizer(models.BPE(**model)); t.normalizer = norm
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix); t.decoder = decoders.ByteLevel()
    t.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=size, special_tokens=list(specials), initial_alphabet=pre_tokenizers.ByteLevel.alphabet() if alphabet else [], show_progress=False))
    t.add_tokens(list(extra)); return t
hf(700, None, False).save("plain.json", pretty=False)
hf(620, normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()]), True, extra=[AddedToken("<Mid>", normalized=True), AddedToken("word", single_word=True, normalized=False), AddedToken("<trim>", lstrip=True, rstrip=True, normalized=False), AddedToken("<left>", lstrip=True, normalized=True), AddedToken("<ÉTÉ>", normalized=True), AddedToken("<midway>", normalized=False), AddedToken("𠀀", normalized=False)]).save("lower.json", pretty=False)
hf(420, normalizers.Lowercase(), False, alphabet=False, specials=SPECIAL + ["<unk>"], unk_token="<unk>", fuse_unk=True).save("unknown.json", pretty=False)
hf(420, normalizers.NFC(), False, alphabet=False).save("partial.json", pretty=False)

# Merges as older writers put them, and a vocabulary that is looked up before the merges.
d = json.load(open("plain.json")); d["model"]["merges"] = [" ".join(m) for m in d["model"]["merges"]]; json.dump(d, open("plain.json", "w"), ensure_ascii=False)
d = json.load(open("lower.json")); d["model"]["ignore_merges"] = True; d["model"]["merges"] = d["model"]["merges"][::-1][:-40]; json.dump(d, open("ignore.json", "w"), ensure_ascii=False)
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
packed = lambda ids: "".join(DIGITS[i // 36] + DIGITS[i % 36] for i in ids)
encoded, decoded = {}, {}
for name, step in [("plain", 1), ("lower", 1), ("trained", 2), ("unknown", 4), ("partial", 4), ("ignore", 4)]:
    t = Tokenizer.from_file(name + ".json")
    encoded[name] = {"step": step, "ids": [packed(t.encode(s, add_special_tokens=False).ids) for s in texts[::step]]}
    seqs = [[R.randrange(t.get_vocab_size() + 2) for _ in range(R.randint(1, 9))] for _ in range(120)]
    decoded[name] = [[packed(s), t.decode(s, skip_special_tokens=True), t.decode(s, skip_special_tokens=False)] for s in seqs]
json.dump(encoded, open("encoded.json", "w"), indent=0)
json.dump(decoded, open("decoded.json", "w"), indent=0)
