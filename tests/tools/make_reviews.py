#!/usr/bin/env python3
"""Write assets/reviews.csv: invented customer reviews, as messy as real ones.

    python3 tests/tools/make_reviews.py > assets/reviews.csv

Each review has a hidden opinion. Its sentences mostly share it, some contradict it, some say it by negation,
by what others had told, or by sarcasm, so that words alone settle most reviews and not all; 8 % of the labels are
wrong besides. On top comes what files really hold: HTML, entities, shouting, typing errors, duplicates, missing
values, and rows that no reader should accept. The same bytes on every machine: one generator, one seed, and
nothing drawn from the library but uniform numbers.
"""

import random
import re
import sys

SEED = 20260
REVIEWS = 2240
rng = random.Random(SEED)


def chance(p):
    return rng.random() < p


def pick(things):
    return things[int(rng.random() * len(things))]


def pick_early(things):
    """People's words are unevenly used: the first of a list far more often than the last."""
    return things[int(rng.random() ** 2 * len(things))]


# ---- Words ----

GOOD = """great good excellent wonderful lovely superb solid reliable brilliant delightful charming clever generous
pleasant impressive outstanding decent perfect fantastic thoughtful smooth comfortable fresh honest marvellous
enjoyable remarkable first-rate spotless satisfying amazing awesome beautiful elegant exquisite flawless gorgeous
handy magnificent neat nice refreshing robust sensible splendid sturdy stunning terrific top-notch tidy welcoming
gripping heart-warming intuitive practical polished crisp sublime stellar dependable""".split()
BAD = """bad poor terrible awful dreadful disappointing boring flimsy useless clumsy mediocre dull careless unpleasant
horrible shabby annoying tedious cheap stale broken confusing lazy sloppy worthless frustrating miserable second-rate
grubby underwhelming abysmal appalling atrocious bland brittle crude defective dismal faulty forgettable hopeless
infuriating irritating laughable lifeless overpriced pathetic pointless ridiculous rubbish rude slow soulless tacky
tasteless unbearable unreliable unusable wobbly wretched""".split()
VERY = ["", "", "", "really ", "very ", "quite ", "rather ", "surprisingly ", "truly ", "pretty ", "so ", "absolutely ",
        "remarkably ", "a bit ", "somewhat ", "honestly "]
# Places are made of two halves, so that most turn up once or twice, as the names in real texts do.
PLACE_HEADS = """Fern Oak Brack Tilling Salt Win Lark Moss Penny Grey Hallo East Thorn Kettle Raven Duck Ash Wex Birch Fox
Hazel Merrow Stag Otter Crow Plum Rook Swan Wren Cobble""".split()
PLACE_TAILS = """hollow mere water ford by stone gate field wick way marsh bury ton moor pool combe ley end bourne dale den
hurst well dene thorpe bridge haven cliff""".split()
WHO = ["my sister", "my neighbour", "a colleague", "my husband", "my wife", "the whole family", "my flatmate", "our eldest",
       "my grandmother", "a friend from work", "my brother-in-law", "the lady next door", "half the office", "my dad",
       "the plumber", "our dentist", "my piano teacher", "the babysitter", "an old schoolmate", "our landlord",
       "my running club", "the neighbours' son", "a retired sailor", "our librarian", "my godson", "the night nurse",
       "my uncle in the navy", "a travelling salesman", "my physics teacher", "our postman", "the choir", "my cousin"]
WHEN = ["last week", "in March", "over the holidays", "on a rainy Sunday", "two months ago", "for my birthday", "yesterday",
        "in the summer sale", "on a whim", "after reading the other reviews", "for the third time", "in a hurry",
        "at the end of last year", "on my lunch break", "just before the weekend", "after much hesitation",
        "in early January", "one freezing February night", "in April", "on a Tuesday in May", "in June", "mid-July",
        "during the August heat", "in September", "around October", "in November", "before Christmas", "at Easter",
        "on our anniversary", "in {recent}", "back in {recent}", "on a foggy Monday", "one Thursday evening"]
LIKE = """wet cardboard|a Swiss watch|a dentist's waiting room|a warm blanket|yesterday's newspaper|a rusty gate|a summer
morning|chewing gum|a cat on a piano|a well-kept garden|a leaking tap|an old friend|a tax form|a brass band|a shopping
trolley|fresh snow|a bag of spanners|a holiday|homework|a soap bubble|the bottom of a pond|a good book""".replace("\n", " ").split("|")
LIFE = """I am a {job} and travel a lot.|I should say that I am a {job}.|My day job as a {job} leaves little time.|We have a
{pet} and two children.|Our {pet} was there too.|My {pet} ran away from it at first.|I was in the middle of moving house.|It
was raining cats and dogs.|Order number {big}, if anybody from the company reads this.|Last time was in {recent}.|I wrote to them
on the {n4}th and again on the {n2}th.|I usually spend my weekends {hobby}.|I only do this between {hobby} and {hobby2}.|My
username is {hobby}{n}{n2}.|We are a family of {n}.""".replace("\n", " ").split("|")
JOBS = """carpenter|nurse|teacher|lorry driver|baker|surveyor|violinist|gardener|welder|librarian|pharmacist|postman|translator|
beekeeper|electrician|goldsmith|midwife|sailor|tailor|optician|glazier|vet|cellist|farmer|plasterer|geologist|clerk|roofer|
firefighter|bricklayer|lifeguard|watchmaker|botanist|referee|paramedic|tram driver|shepherd|florist""".replace("\n", "").split("|")
CENTS = [".99", ".50", ".95", " euros", " dollars", ".00"]
PETS = "dog cat parrot rabbit hamster tortoise ferret budgie poodle terrier goldfish donkey pony spaniel dachshund".split()
HOBBIES = """fishing knitting cycling climbing painting gardening baking hiking sailing rowing camping swimming fencing juggling
birdwatching skating surfing stargazing woodworking pottery chess archery karate dancing kayaking running quilting""".split()


# domain: things; nouns that can be judged; parts that can break or be tasted; extras; openings, neutral facts, praise, blame
DOMAINS = {
    "product": {
        "thing": """kettle|backpack|desk lamp|blender|toaster|umbrella|keyboard|headset|tent|coffee grinder|suitcase|bread maker|
water bottle|fan heater|alarm clock|office chair|garden hose|mattress|vacuum cleaner|rain jacket|rice cooker|bicycle pump|
hammock|torch|sewing machine|screwdriver set|frying pan|wheelbarrow|doorbell|yoga mat|ironing board|telescope|lawn mower|
picture frame|snow shovel|bird feeder|hair dryer|bathroom scale|pressure cooker|extension lead|sleeping bag|wok|thermos""",
        "noun": """finish|packaging|battery|manual|delivery|build quality|colour|price|customer service|design|warranty|material|
instruction leaflet|courier|online shop|sound|weight|smell""",
        "part": """handle|lid|strap|zip|motor|power cord|seam|switch|filter|hinge|spring|rubber foot|latch|nozzle|plug|dial|
buckle|display|wheel|bracket|clip|valve|gasket|cover|pocket|lining|screw thread|on button""",
        "extra": """oak|denim|rubber|linen|felt|glass|copper|brass|aluminium|bamboo|cotton|leather|ceramic|nylon|
walnut|silicone|titanium|wool|plastic|velvet""",
        "open": ["Bought this {thing} {when}.", "I ordered the {thing} for {who}.", "This is my second {thing} from them.",
                 "We have used the {thing} for {n} weeks now.", "Replaced our old {thing} with this one {when}.",
                 "Got the {thing} as a present from {who}.", "Model {model}, ordered {when}.",
                 "I was looking for {an_extra} {thing}.", "The {extra} one, ordered {when}."],
        "fact": ["It comes in {n} colours.", "The box held the {thing}, a cable and a leaflet.", "It weighs about {n}00 grams.",
                 "Mine is the {model}.", "Shipping took {n} days.", "I paid {price} for it.", "The {part} is made of {extra}.",
                 "It sits on the shelf next to the old one.", "You need two screws to mount it.", "I chose {extra}.",
                 "There is a {n}-year warranty.", "I live alone, so I use it about {n} times a week.",
                 "The parcel came from {place}.", "There was a choice between {extra} and {extra2}."],
        "praise": ["It does exactly what it should", "it still looks new after {n} months", "it arrived a day early",
                   "it feels sturdy in the hand", "cleaning it takes seconds", "it survived a fall down the stairs",
                   "the {part} is better than on models twice the price", "they replaced a missing part within two days",
                   "I use it every single morning", "it is quiet enough to run at night", "worth every penny",
                   "even {who} wants one now", "setting it up took two minutes", "the {part} clicks shut like a car door",
                   "it saves me a lot of time", "my back has stopped hurting", "it never let me down on a {n}-day trip",
                   "a bargain for {price}", "the {part} fits snugly", "{who} borrows it all the time", "a pleasure to hold",
                   "it paid for itself within a year", "built to last", "the {extra} ages gracefully", "it runs like clockwork"],
        "blame": ["It stopped working after {n} days", "the {part} came off in my hand", "it smells of burnt plastic",
                  "it leaked all over the counter", "support never answered my {n} emails", "it arrived scratched and dented",
                  "the {part} wobbles", "I sent it back the same day", "it is so loud that {who} complained",
                  "half of the screws were missing", "it scratches everything it touches", "waste of money",
                  "the refund took {n} weeks", "the {part} started to rust within a month", "the fuse blew at once",
                  "it looks nothing like the picture", "the {part} is held on with glue", "you need three hands to open it",
                  "not worth {price}", "the {part} cracked", "the paint peels off", "it ended up in the bin",
                  "the {extra} tore on the first trip", "a fire hazard if you ask me", "they sent the wrong size twice"],
    },
    "film": {
        "thing": """film|movie|sequel|documentary|thriller|comedy|remake|western|musical|drama|cartoon|whodunit|space opera|love
story|mystery|biopic|heist film|ghost story|period piece|road movie|silent film|spy film|fairy tale|courtroom drama|prequel""",
        "noun": """plot|script|ending|acting|soundtrack|dialogue|pacing|camera work|opening scene|humour|dubbing|editing|final twist|
screenplay|direction|lighting|premise|romance|set design|story""",
        "part": """villain|lead actress|supporting cast|narrator|hero|detective|child actor|love interest|stuntman|ghost|robot|
composer|sheriff|captain|professor|old wizard|talking dog|queen|bank robber|understudy""",
        "extra": """pirates|lighthouse keepers|smugglers|circus|boarding school|submarine|orchestra|gold mine|vineyard|asylum|
monastery|spaceship|carnival|railway|orphanage|chess tournament|ballet|volcano|treasure map|time machine|island|embassy|glacier""",
        "open": ["Watched this {thing} {when}.", "Saw it at the cinema in {place} with {who}.", "A {thing} set in {place}.",
                 "I had waited for this {thing} for {n} years.", "{who} picked this {thing}.",
                 "This {thing} has been on my list for ages.", "Second viewing of this {thing}, this time with {who}.",
                 "A {thing} from {year}.", "Yet another {thing} with a {extra} in it."],
        "fact": ["It runs for about {n}0 minutes longer than the first one.", "Most of it takes place on a boat.",
                 "There were {n} other people in the room.", "The story begins in {place} during the war.",
                 "It is in black and white.", "The director also wrote the book.", "It was shot in {place}.",
                 "There is a scene after the credits.", "The story follows two brothers and a stolen clock.",
                 "We saw the version with subtitles.", "It was made in {year}.", "There is a {extra}, and later a {extra2}.",
                 "The {part} owns a {extra}.", "The popcorn was {price}.", "The {part} appears after half an hour."],
        "praise": ["I laughed until I cried", "the {noun} kept me on the edge of my seat", "I did not look at my watch once",
                   "it stayed with me for days", "you could hear a pin drop in the room", "the {noun} gave me goosebumps",
                   "I would watch it again tomorrow", "every scene has a purpose", "even {who} put the phone away",
                   "the {part} deserves an award", "the two leads are a joy to watch", "it is funny and sad at the same time",
                   "I never saw the {noun} coming", "the theatre applauded", "the kids were glued to the screen",
                   "best two hours I spent in weeks", "a masterpiece", "the {part} steals every scene", "time flew by",
                   "the {extra} sequence is breathtaking", "a feast for the eyes", "I was moved to tears", "an instant classic"],
        "blame": ["I fell asleep after {n}0 minutes", "we walked out before the end", "the {noun} makes no sense at all",
                  "two hours of my life that I will never get back", "the {noun} was predictable from the first minute",
                  "the jokes fell flat", "the {part} seems to read from a card", "you can see the wires",
                  "{who} kept asking when it would be over", "the music drowned out every word", "the story goes nowhere",
                  "it is {n}0 minutes too long", "nobody in the room laughed", "I did not care about a single character",
                  "the {noun} is straight from a school play", "a waste of a talented cast", "full of holes",
                  "the {part} cannot act", "wooden from start to finish", "the {extra} was clearly cardboard",
                  "a cash grab", "clichés piled upon clichés", "I yawned through the finale"],
    },
    "restaurant": {
        "thing": """restaurant|café|bistro|pizzeria|noodle bar|diner|tea room|bakery|brasserie|taquería|sushi place|burger van|curry
house|crêperie|trattoria|steakhouse|canteen|tapas bar|fish shop|ice-cream parlour|vegan place|beer garden|soup kitchen""",
        "noun": """service|waiter|menu|music|terrace|view|bill|atmosphere|kitchen|host|wine list|lighting|seating|booking system|
bathroom|decor|lunch deal|tasting menu""",
        "part": """soup|dessert|crème brûlée|coffee|pasta|steak|bread|house wine|jalapeño dip|salad|fish of the day|lasagne|risotto|
pancake|dumplings|curry|paella|cheesecake|gazpacho|lamb|trout|omelette|ramen|tiramisu|mushroom pie|goulash|falafel|
pumpkin soup|apple crumble|roast duck|prawns|quiche|chowder|schnitzel|gnocchi|sorbet|kebab""",
        "extra": """garlic|basil|saffron|ginger|rosemary|cinnamon|parmesan|truffle|coriander|lemon|chilli|mint|walnuts|anchovies|
capers|honey|mustard|pomegranate|aubergine|leeks|fennel|lentils|chestnuts""",
        "open": ["We came here {when} with {who}.", "Dinner for {n} at this {thing} in {place}.", "A {thing} near the station.",
                 "Booked a table {when}.", "Lunch with {who}.", "This {thing} in {place} was recommended by {who}.",
                 "Stopped at this {thing} on the way to {place}.", "Tried the {part} {when}.", "Came for the {part} with {extra}."],
        "fact": ["There are about {n} tables.", "They take cards.", "It is {n} minutes from the station in {place}.",
                 "We sat by the window.", "The {part} costs {price}.", "They close at ten.", "Parking is across the road.",
                 "I had the {part}, {who} had the soup.", "Children get a small plate.", "The kitchen is open to the room.",
                 "They have been there since {year}.", "The {part} comes with {extra}.", "I ordered the {part} without {extra}."],
        "praise": ["The {part} melted in the mouth", "our plates went back clean", "the staff remembered us from last time",
                   "they found us a table without a booking", "the portions are huge", "we stayed until they closed",
                   "the {part} tasted like my grandmother's", "the waiter noticed that my glass was empty",
                   "they brought a candle for {who}", "we have already booked again", "everything came hot and on time",
                   "the {part} alone is worth the trip to {place}", "they made a dish without {extra} for {who} at once",
                   "it is the best {thing} in {place}", "the bill was lower than expected", "I licked the spoon",
                   "a hint of {extra} made the {part} shine", "delicious", "the {part} was cooked to the minute",
                   "I still dream of the {part}", "friendly faces everywhere", "tender, juicy and full of flavour"],
        "blame": ["The {part} was cold in the middle", "we waited {n}0 minutes for the menu", "there was a hair in the {part}",
                  "the waiter rolled his eyes", "they charged us twice", "the table was sticky", "I was ill the next day",
                  "the {part} tasted of nothing", "they had run out of half the menu", "the portions would not feed a mouse",
                  "nobody apologised", "the {part} came straight from the microwave", "we left hungry",
                  "the music was so loud that {who} got a headache", "they forgot our order, twice",
                  "the {part} was burnt on one side and raw on the other", "the {part} drowned in {extra}", "greasy and limp",
                  "{price} for a spoonful of {part}", "a fly in the {part}", "inedible", "soggy, salty and lukewarm"],
    },
    "app": {
        "thing": """app|calendar app|photo editor|puzzle game|weather app|fitness tracker|banking app|podcast player|note-taking
app|language course|route planner|budget app|e-reader|recipe app|train timetable|guitar tuner|password manager|sleep tracker|
shopping list|star map|radio app|parking app|flashcard app|mail client|file manager""",
        "noun": """interface|latest update|dark mode|layout|tutorial|sound|battery use|support team|free version|design|pricing|
privacy policy|loading time|performance|onboarding|icon""",
        "part": """sync|login|search|widget|map|export|calendar|timer|camera|keyboard|settings page|chat|playlist|backup|bookmark
list|voice input|undo button|offline mode|share button|chart|reminder|filter""",
        "extra": """bluetooth|tablets|watches|Portuguese|Finnish|headphones|spreadsheets|barcodes|printers|satellite view|folders|
widgets|stickers|passkeys|fingerprints|subtitles|hashtags|notifications|gestures|templates""",
        "open": ["Downloaded this {thing} {when}.", "I have used this {thing} since version {n}.{n}.",
                 "{who} told me to try this {thing}.", "Using it on a {n}-year-old phone.",
                 "I needed a {thing} for a trip to {place}.", "Switched to this {thing} {when}.",
                 "I wanted a {thing} with {extra}."],
        "fact": ["It takes {n}0 MB.", "There is a free version and a paid one.", "I use it on the train to {place}.",
                 "Version {n}.{n}.{n} here.", "You have to create an account.", "The icon is blue now.",
                 "It asks for access to the calendar.", "My phone is from {recent}.", "It works offline too, they say.",
                 "You can choose between {n} languages.", "It handles {extra} and {extra2}.", "The paid version is {price}.",
                 "The {part} is under the menu.", "I mostly use the {part}."],
        "praise": ["It opens in a blink", "the developers answered within an hour", "no adverts anywhere",
                   "the {part} just works", "I have not missed an appointment since", "it found a faster way to {place}",
                   "it imported {n} years of data without a hitch", "the {part} is a joy to use",
                   "I cancelled two other subscriptions", "it hardly uses any battery", "I learnt more in {n} weeks than at school",
                   "even {who} understood it at once", "each version gets better", "it has not crashed once",
                   "support for {extra} is flawless", "the {part} saved my day", "simple, quick and tidy", "a lifesaver",
                   "I open it before breakfast", "happily paid {price} for it", "the {part} remembers where I was"],
        "blame": ["It crashes every {n} minutes", "it logged me out in the middle of a payment", "the {part} lost all my notes",
                  "an advert after every tap", "they moved the {part} again", "it drains the battery by noon",
                  "you cannot cancel without calling them", "the {part} freezes", "since the update it will not start",
                  "it sent {n} messages before breakfast", "it sent me to {place} instead of home",
                  "they ask for money on every screen", "the {part} shows yesterday's data", "I deleted it after {n} days",
                  "{extra} never worked", "riddled with bugs", "it spies on my contacts", "{price} for this is robbery",
                  "the {part} spins forever", "uninstalled", "blank screen, again"],
    },
}
for domain in DOMAINS.values():
    for slot in ("thing", "noun", "part", "extra"):
        domain[slot] = domain[slot].replace("|\n", "|").replace("\n", " ").split("|")

NEGATED = ["The {noun} is not {adj} at all.", "There is nothing {adj} about the {noun}.", "The {noun} is far from {adj}.",
           "I would not call the {noun} {adj}.", "I cannot say that the {noun} was {adj}.", "The {noun} was never {adj}.",
           "Nobody could call this {thing} {adj}.", "The {noun}? Hardly {adj}."]
DIRECT = ["The {noun} is {very}{adj}.", "{very1}{adj} {noun}.", "I found the {noun} {very}{adj}.", "The {noun} was {very}{adj}.",
          "What {a} {adj} {thing}!", "{very1}{adj}, especially the {noun}.", "The {noun} and the {noun2} are both {adj}.",
          "All in all {a} {adj} {thing}.", "{who} thought the {noun} was {adj} and I agree."]
HEARSAY = ["{who} had warned me that the {noun} would be {other}; it was {adj}.",
           "Other reviews call the {noun} {other}. I disagree.", "I expected something {other} and got something {adj}.",
           "{who} says the {noun} is {other}. We must have had different ones.",
           "After all the {other} comments I was surprised by the {noun}.",
           "Where others see {a2} {other} {noun}, I see {a} {adj} one.", "It used to be {other}, now it is {adj}."]
SIMILE = {1: "It feels like {like}, in the best sense.", -1: "It is like {like}, and not in a good way."}
SARCASM = ["Oh {good}, another {thing} where the {noun} is an afterthought.", "Five stars if you enjoy waiting for the {noun}.",
           "{good1} idea to save on the {noun}. Really {good}.", "So {good} that I gave it away.",
           "If your idea of {good} is a {noun} like this, be my guest.", "Congratulations on the {good} {noun}, I want my money back.",
           "Perfect. If you never need the {noun}.", "I would love to praise the {noun}. I would love to."]
VERDICT = {
    1: ["Would buy again.", "Highly recommended.", "I cannot recommend it enough.", "Can't complain.", "No regrets.",
        "Ignore the complaints.", "Happy with it.", "We will be back.", "Thank you!", "Not a bad word from me.",
        "Worth the money, whatever they say.", "You won't be disappointed.", "My new favourite.", "Two thumbs up.",
        "I wanted to hate it and could not.", "It won me over in the end.", "Five stars from me.", "Just try it."],
    -1: ["Would not buy again.", "I cannot recommend it.", "Never again.", "I want my money back.", "Don't believe the praise.",
         "Avoid.", "Save your money.", "Not for me, thank you.", "You will be disappointed.", "One star is one too many.",
         "I wanted to love it and could not.", "Nothing to recommend here.", "We won't be back.", "Such a pity.",
         "I regret it.", "Look elsewhere.", "A let-down in the end.", "Do yourself a favour and skip it."],
}
SWING = ["On the other hand, {s}", "Still, {s}", "That said, {s}", "But {s}", "To be fair, {s}", "However, {s}", "Mind you, {s}"]
EMOJI = {1: ["😀", "😍", "👍", "⭐⭐⭐⭐⭐", "🎉", "❤️", "😂", "🙌", "🍕", "👍🏽"], -1: ["😡", "👎", "🙄", "😞", "💔", "🤮", "😂", "⭐", "😴", "🤦‍♀️"]}
TYPOS = {"definitely": "definately", "receive": "recieve", "really": "realy", "because": "becuase", "their": "thier"}
NAIVE = ["Déjà vu.", "Call me naïve.", "C’est la vie…", "Über-simple.", "¡Olé!", "Voilà.", "Smörgåsbord of ideas.", "Ça va."]


# ---- Sentences ----

def article(word):
    return "an" if word[0] in "aeiou" or word == "honest" else "a"


def number(low, high):
    return str(low + int(rng.random() * (high - low + 1)))


def fill(text, domain, thing):
    """Put words into the slots; a review speaks of one thing throughout."""
    d = DOMAINS[domain]
    values = {
        "thing": lambda: thing, "noun": lambda: pick(d["noun"]), "noun2": lambda: pick(d["noun"]),
        "part": lambda: pick(d["part"]), "extra": lambda: pick(d["extra"]), "extra2": lambda: pick(d["extra"]),
        "who": lambda: pick(WHO), "when": lambda: pick(WHEN), "place": lambda: pick(PLACE_HEADS) + pick(PLACE_TAILS),
        "year": lambda: number(1948, 2025), "recent": lambda: number(2009, 2025), "like": lambda: pick(LIKE),
        "job": lambda: pick(JOBS), "pet": lambda: pick(PETS), "hobby": lambda: pick(HOBBIES), "hobby2": lambda: pick(HOBBIES),
        "n": lambda: number(2, 9), "n2": lambda: number(10, 20), "n4": lambda: number(4, 9),
        "big": lambda: number(10000, 99999), "price": lambda: number(3, 89) + pick(CENTS),
        "very": lambda: pick(VERY), "very1": lambda: pick(VERY).capitalize(),
        "model": lambda: pick("ABKRTX") + pick("LSVX") + "-" + number(100, 998),
    }
    for _ in range(2):  # a filled-in {when} may hold a {year}
        text = re.sub(r"\{(\w+)\}", lambda m: values[m.group(1)]() if m.group(1) in values else m.group(0), text)
    text = re.sub(r"\{an_extra\}", lambda m: (lambda w: article(w) + " " + w)(pick(d["extra"])), text)
    text = re.sub(r"\b([Aa]) (?=[aeio]|un|um|honest)", r"\1n ", text)
    return text[0].upper() + text[1:]


def judgement(domain, thing, sign):
    """One sentence that means `sign`, in one of the ways people say it."""
    adj, other = (pick_early(GOOD), pick_early(BAD)) if sign > 0 else (pick_early(BAD), pick_early(GOOD))
    way = rng.random()
    if way < 0.52:
        text = pick_early(DOMAINS[domain]["praise" if sign > 0 else "blame"]) + pick([".", ".", ".", "!", "…", "!!"])
    elif way < 0.84:
        text = pick(DIRECT)
    elif way < 0.90:
        text, adj = pick(NEGATED), other
    elif way < 0.93:
        text = SIMILE[sign]
    elif way < 0.97 or sign > 0:
        text = pick(HEARSAY)
    else:
        good = pick_early(GOOD)
        text = pick(SARCASM).replace("{good}", good).replace("{good1}", good.capitalize())
    text = text.replace("{a}", article(adj)).replace("{a2}", article(other)).replace("{adj}", adj).replace("{other}", other)
    return fill(text, domain, thing)


def lower_first(text):
    return text if re.match(r"I\b|[A-Z]{2}", text) else text[0].lower() + text[1:]


def review(domain, opinion):
    d = DOMAINS[domain]
    thing = pick(d["thing"])
    sentences = []
    if chance(0.75):
        sentences.append(fill(pick(d["open"]), domain, thing))
    last = 0
    agreement = pick([0.75, 1.0, 1.0, 1.0])  # some people are torn, most are not
    for _ in range(2 + int(rng.random() * rng.random() * 13)):
        sign = opinion if chance(agreement) else -opinion
        sentence = judgement(domain, thing, sign)
        if sentence[:12] in "".join(sentences):
            sentence = judgement(domain, thing, sign)
        if last == -sign and chance(0.6):
            sentence = pick(SWING).replace("{s}", lower_first(sentence))
        sentences.append(sentence)
        last = sign
        if chance(0.20):
            sentences.append(fill(pick(d["fact"]), domain, thing))
        if chance(0.11):
            sentences.append(fill(pick(LIFE), domain, thing))
    if chance(0.05):
        sentences.append(pick(NAIVE))
    if chance(0.65):
        sentences.append(pick_early(VERDICT[opinion]))
    return sentences


# ---- Mess ----

def misspell(text):
    """Swap, drop or double a letter in a few words."""
    words = text.split(" ")
    for _ in range(1 + int(rng.random() * 3)):
        i = int(rng.random() * len(words))
        word = words[i]
        if len(word) < 5 or not word.isalpha():
            continue
        j = 1 + int(rng.random() * (len(word) - 3))
        kind = rng.random()
        if kind < 0.4:
            word = word[:j] + word[j + 1] + word[j] + word[j + 2:]
        elif kind < 0.7:
            word = word[:j] + word[j + 1:]
        else:
            word = word[:j] + word[j] * (2 if chance(0.6) else 5) + word[j + 1:]
        words[i] = TYPOS.get(words[i], word)
    return " ".join(words)


def dress(sentences, opinion):
    """From sentences to what a web form stored."""
    if chance(0.12):
        i = int(rng.random() * len(sentences))
        sentences[i] = sentences[i].upper()
    if chance(0.10):
        i = int(rng.random() * len(sentences))
        words = sentences[i].split(" ")
        j = int(rng.random() * len(words))
        tag = pick(["b", "i", "em", "strong", "B"])
        words[j] = f"<{tag}>{words[j]}</{tag}>"
        sentences[i] = " ".join(words)
    separator = " "
    way = rng.random()
    if way < 0.22:
        separator = "<br /><br />"
    elif way < 0.27:
        separator = pick(["<br>", "<BR/>", "</p><p>"])
    elif way < 0.35:
        separator = pick(["\n", "\n\n", " \n"])
    if separator == " ":
        text = " ".join(sentences)
    else:
        cut = 1 + int(rng.random() * len(sentences))
        text = " ".join(sentences[:cut]) + separator + " ".join(sentences[cut:])
    if separator == "</p><p>":
        text = "<p>" + text + "</p>"
    if chance(0.2):
        text = misspell(text)
    if chance(0.06):
        word = pick(["premium", "deluxe", "new and improved", "authentic", "hand-made", "unforgettable"])
        text += f' So much for "{word}".' if opinion < 0 else f' It really is "{word}".'
    if chance(0.09):
        text = text.replace(" and ", " &amp; ")
    if chance(0.07):
        text = text.replace("'", "&#39;").replace('"', "&quot;").replace("…", "&hellip;").replace("é", "&eacute;")
    if chance(0.03):
        text = text.replace(". ", ".&nbsp; ")
    if chance(0.03):
        text += pick([" &lt;3", " 5 &gt; 4", " &copy; me", " AT&T;", " &#128512;", " &#x2764;"])
    if chance(0.03):
        page = f"http://example.com/{pick(['r', 'item', 'p'])}?id={int(rng.random() * 99999)}&amp;ref=review"
        text += f' See <a href="{page}">my photos</a>.'
    if chance(0.012):
        text = pick(["<script>var seen = 1 < 2; track(\"review\");</script>", "<style>p { color: red; }</style>",
                     "<!-- pasted from the shop -->", "<div class='review' data-n=\"1\">"]) + text
    if chance(0.11):
        text += " " + pick(EMOJI[opinion]) * (1 + int(rng.random() * 2.5))
    if chance(0.05):
        text = text.upper()
    elif chance(0.06):
        text = text.lower()
    if chance(0.05):
        text = pick(["  ", " ", "\t"]) + text + pick([" ", "   ", ""])
    return text


def rate(opinion):
    way = rng.random()
    stars = [3, 4, 5] if opinion > 0 else [3, 2, 1]
    return str(stars[0] if way < 0.15 else stars[1] if way < 0.5 else stars[2])


def cell(text):
    if any(c in text for c in ',"\n') or (text and (text[0] in " \t" or text[-1] in " \t")) or chance(0.03):
        return '"' + text.replace('"', '""') + '"'
    return text


def rows():
    """The records that can be read, as lists of cells."""
    out = []
    domains = sorted(DOMAINS)
    for number in range(REVIEWS):
        if out and chance(0.04):
            again = list(pick(out))
            if chance(0.7):
                again[0] = str(1001 + number)
            out.append(again)
            continue
        domain, opinion = pick(domains), 1 if chance(0.54) else -1
        text = dress(review(domain, opinion), opinion)
        label = opinion if chance(0.92) else -opinion
        sentiment, rating = ("positive" if label > 0 else "negative"), rate(opinion)
        category = pick([domain] * 12 + [domain.upper(), domain.capitalize(), domain + " "])
        if chance(0.012):
            text = pick(["", "", "", "   "])
        if chance(0.015):
            sentiment = ""
        if chance(0.03):
            rating = pick(["", "", "", "NA", "n/a"])
        if chance(0.015):
            category = ""
        out.append([str(1001 + number), text, rating, category, sentiment])
    return out


# What no reader should take for a review: (where in the file, as a share of its records; the bytes of the line).
# The invalid UTF-8 stands late, so that it does not make the file look like another encoding.
BROKEN = [
    (0.06, b"9001,The lid came off,1,product"),
    (0.13, b"9002,Nice, warm, and cheap,4,product,positive"),
    (0.21, b"9003"),
    (0.33, b"9004,\"Too long, too loud\",2,film,negative,negative,"),
    (0.47, b"---- end of page 1 ----"),
    (0.55, b"9005,Nothing but \x00 in this one,1,app,negative"),
    (0.62, b"9006,The caf\xe9 on the corner is lovely,5,restaurant,positive"),
    (0.69, b"9007,\"Best \xff\xfe ever\",5,app,positive"),
    (0.76, b"9008,An overlong slash \xc0\xaf broke my export,1,app,negative"),
    (0.84, b"9009,Half an emoji \xf0\x9f\x98 is worse than none,2,app,negative"),
    (0.91, b"9010,A lone surrogate \xed\xa0\x80 from the old phone,3,app,negative"),
]
UNTERMINATED = b'9012,"The connection broke while I was writing this revi'


def main():
    lines = [b"id,review_text,rating,category,sentiment\n"]
    records = rows()
    broken = {int(share * len(records)): line for share, line in BROKEN}
    for i, record in enumerate(records):
        if i in broken:
            lines.append(broken[i] + b"\n")
        lines.append(",".join(cell(value) for value in record).encode() + b"\n")
    lines.append(UNTERMINATED)
    sys.stdout.buffer.write(b"".join(lines))


if __name__ == "__main__":
    main()
