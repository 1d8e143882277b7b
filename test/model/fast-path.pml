/*
 * The fast path for one task: two sessions, a projector, participants that switch, and an etcd that may be
 * wiped or replaced by an old backup. docs/fast-path.md has the rules; `fast-path.test.ts` runs this.
 *
 * Time. No clock is modelled: whatever ends by a clock may end at any moment. What one clock guarantees about
 * another is a guard: `window[i]` is open from the moment session i sent something until its own validity is over,
 * so etcd may expire a claim, grace may end, and a quarantine may end, only after the windows that they outlast.
 *
 * Weaken one rule with -D: NO_GRACE NO_EPOCH_COMPARE NO_REREAD LIBRARY_LEASE EARLY_REGISTRATION NO_CARRY
 * NO_CLOSING_FOLD NO_QUARANTINE NO_NONCE COUNT_FROM_ANSWER END_AFTER_ANSWER
 * NO_HEIR. Each must give a counterexample.
 * Sizes: SWITCHERS, EPOCHS (highest), GIT_CLAIMS and FAST_CLAIMS a session, WIPES, RESTORES.
 */
#ifndef SWITCHERS
#define SWITCHERS 1
#endif
#ifndef EPOCHS
#define EPOCHS 3
#endif
#ifndef GIT_CLAIMS
#define GIT_CLAIMS 1
#endif
#ifndef FAST_CLAIMS
#define FAST_CLAIMS 1
#endif
#ifndef WIPES
#define WIPES 0
#endif
#ifndef RESTORES
#define RESTORES 0
#endif

#define NOBODY 0
#define ME (i + 1)

/* Git: the mode record, the claim ref R, the board. */
#define GIT 0
#define SWITCHING 1
#define ETCD 2
#define DRAINING 3
byte mode = GIT, epoch = 0, since = 0;
bool listed = false;            /* the manifest is in the mode record */
byte manifest = NOBODY, manifestValue = 0;

#define ABSENT 0
#define GRANTED 1
#define CARRIED 2
#define REGISTERED 3
#define COMPLETED 4
byte kind = ABSENT, owner = NOBODY, claimEpoch = 0;
byte value = 0;                 /* R's object id; 0 = absent, so absent after absent is the same (ABA) */
byte values = 0;                /* object ids given out */

bool current[3];                /* the board's head is still what this writer began from: the projector, two switchers */
bool settled = false;           /* the board says done */
byte closed = 0;                /* the last etcd epoch from which nothing is accepted any more */

/* etcd: one space; `key` is the epoch whose epoch key exists. */
byte key = 0, claim = NOBODY, claimNonce = 0, claimRevision = 0, done = NOBODY;
bool ready = false, armed = false;
byte nonces = 0;
#ifdef NO_NONCE
byte revision = 0;               /* a restored server counts the same revisions again */
#define NEXT_REVISION revision++
#define REVISION revision
#define RESTORE_REVISION revision = savedRevision
#else
#define NEXT_REVISION skip
#define REVISION 0
#define RESTORE_REVISION skip
#endif
byte life = 1;                  /* which server process; a link lives no longer */
bool ticked = false;            /* armed was put in this life */
byte wipes = 0, restores = 0;
bool saved = false, savedReady, savedArmed;
byte savedKey, savedClaim, savedNonce, savedClaimRevision, savedDone, savedRevision;

/* Sessions, as their own clocks see it. */
bool believes[2];               /* the mode was read as etcd, not longer than the mode lease ago */
byte believed[2];               /* which epoch */
bool window[2];                 /* something was sent whose validity is not over */
byte windowLife[2];
bool fast[2];                   /* holds by etcd */
bool slow[2];                   /* holds by git, as long as R has the value */
byte slowValue[2];

byte accepted = 0;

#define COUNTS (kind != ABSENT && kind != COMPLETED && claimEpoch >= since)
#define HOLDS(n) (fast[n] || (slow[n] && value == slowValue[n]))
#define ONE_HOLDER assert(!(HOLDS(0) && HOLDS(1)))
#define NOT_LOST assert(accepted == 0 || settled || kind == COMPLETED)

#ifdef NO_EPOCH_COMPARE
#define OPEN(e) true
#else
#define OPEN(e) (key == e)
#endif
#ifdef NO_NONCE
#define TOKEN_STANDS(t, r) (claim != NOBODY && claimRevision == r)
#else
#define TOKEN_STANDS(t, r) (claim == ME && claimNonce == t)
#endif
#ifdef NO_HEIR
#define HEIR skip
#else
#define HEIR nonces++; claimNonce = nonces
#endif
#ifdef NO_QUARANTINE
#define TRUSTED true
#define QUARANTINE_OVER true
#else
#define TRUSTED ticked
#define OLD_WINDOW(n) (window[n] && windowLife[n] != life)
#define QUARANTINE_OVER (ticked || !(OLD_WINDOW(0) || OLD_WINDOW(1)))
#endif
#ifdef NO_GRACE
#define GRACE_OVER true
#else
#define GRACE_OVER (!believes[0] && !believes[1])
#endif
#ifdef NO_CLOSING_FOLD
#define IS_CLOSED true
#else
#define IS_CLOSED (closed >= epoch - 1)
#endif
#ifdef LIBRARY_LEASE
#define LEASE_OVER true
#else
#define LEASE_OVER (!window[claim - 1])
#endif

inline put(k, o, e) { values++; value = values; kind = k; owner = o; claimEpoch = e; NOT_LOST }
inline clear() { value = 0; kind = ABSENT; owner = NOBODY; claimEpoch = 0; NOT_LOST }
inline moveHead() { current[0] = false; current[1] = false; current[2] = false }
inline accept() { accepted++; assert(accepted == 1) }

proctype Session(byte i) {
  byte gitStep = 0, readEpoch = 0, readValue = 0, gitClaims = 0, fastClaims = 0;
  byte token = 0, tokenRevision = 0, leaving = 0, leavingRevision = 0, link = 1;
  bool sent = false, registering = false, stale = false;
end: do
  /* In git: look, push, look again, hold. */
  :: atomic { gitStep == 0 && gitClaims < GIT_CLAIMS && !registering && mode == GIT && !settled && kind != COMPLETED && !COUNTS ->
       gitClaims++; readEpoch = epoch; readValue = value; gitStep = 1 }
  :: atomic { gitStep == 1 ->
       if
       :: value == readValue -> put(GRANTED, ME, readEpoch); readValue = value;
#ifdef NO_REREAD
          slow[i] = true; slowValue[i] = value; gitStep = 0; ONE_HOLDER
#else
          gitStep = 2
#endif
       :: else -> gitStep = 0; readValue = 0
       fi }
  :: atomic { gitStep == 2 ->
       if
       :: mode == GIT && epoch == readEpoch && !settled -> slow[i] = true; slowValue[i] = readValue; gitStep = 0; ONE_HOLDER
       :: else -> gitStep = 3
       fi }
  :: atomic { gitStep == 3 ->
       if
       :: value == readValue -> clear()
       :: else
       fi;
       gitStep = 0; readValue = 0 }
  :: atomic { slow[i] && value == slowValue[i] -> put(COMPLETED, ME, claimEpoch); accept(); slow[i] = false; slowValue[i] = 0 }
  :: atomic { slow[i] && value == slowValue[i] -> clear(); slow[i] = false; slowValue[i] = 0 }
  :: atomic { slow[i] && value != slowValue[i] -> slow[i] = false; slowValue[i] = 0 }
  /* A claim of one's own that counts, carried or registered, is held again when git decides. */
  :: atomic { gitStep == 0 && !slow[i] && mode == GIT && !settled && COUNTS && owner == ME ->
       slow[i] = true; slowValue[i] = value; ONE_HOLDER }

  /* In etcd. The window opens when something is sent. */
#ifdef COUNT_FROM_ANSWER
  :: atomic { mode == ETCD && !believes[i] && !stale -> stale = true; believed[i] = epoch }
  :: atomic { stale -> stale = false; believes[i] = true }
#else
  :: atomic { mode == ETCD && !believes[i] -> believes[i] = true; believed[i] = epoch }
#endif
  :: atomic { believes[i] -> believes[i] = false; window[i] = false; fast[i] = false; windowLife[i] = 0 }
  :: atomic { window[i] -> window[i] = false; fast[i] = false; windowLife[i] = 0 }
  :: atomic { link != life -> link = life; sent = false; leaving = 0; leavingRevision = 0 }
  :: atomic { believes[i] && !fast[i] && !window[i] && !sent && link == life && TRUSTED && fastClaims < FAST_CLAIMS ->
       fastClaims++; sent = true; window[i] = true; windowLife[i] = life }
  :: atomic { sent ->
       sent = false;
       if
       :: link == life && OPEN(believed[i]) && armed && ready && claim == NOBODY && done == NOBODY ->
          NEXT_REVISION; nonces++; claim = ME; claimNonce = nonces; claimRevision = REVISION;
          token = nonces; tokenRevision = REVISION;
          if
          :: window[i] -> fast[i] = true; ONE_HOLDER
          :: true                                   /* lapsed already, or no answer */
          fi
       :: else
       fi }
  /* After an unknown outcome, a broken link, or for a carried claim: read the key, look for one's nonce. */
  :: atomic { mode == ETCD && believes[i] && believed[i] == epoch && manifest == ME && token == 0 && link == life &&
              OPEN(epoch) && claim == ME && claimNonce == 100 + manifestValue ->
       HEIR; token = claimNonce; tokenRevision = claimRevision }
  :: atomic { believes[i] && !fast[i] && token != 0 && link == life && TRUSTED && OPEN(believed[i]) && TOKEN_STANDS(token, tokenRevision) ->
       window[i] = true; windowLife[i] = life; fast[i] = true; ONE_HOLDER }
  :: atomic { fast[i] && link == life && !TOKEN_STANDS(token, tokenRevision) -> fast[i] = false; token = 0; tokenRevision = 0 }
  :: atomic { believes[i] && token != 0 && link == life && OPEN(believed[i]) && TOKEN_STANDS(token, tokenRevision) ->
       done = ME; claim = NOBODY; claimNonce = 0; claimRevision = 0; ready = false; NEXT_REVISION;
       fast[i] = false; token = 0; tokenRevision = 0 }
  /* A release may arrive long after it was sent. */
  :: atomic { token != 0 && leaving == 0 && link == life && TOKEN_STANDS(token, tokenRevision) ->
       leaving = token; leavingRevision = tokenRevision;
#ifndef END_AFTER_ANSWER
       fast[i] = false; token = 0; tokenRevision = 0
#endif
     }
  :: atomic { leaving != 0 ->
       if
       :: link == life && OPEN(believed[i]) && TOKEN_STANDS(leaving, leavingRevision) ->
          claim = NOBODY; claimNonce = 0; claimRevision = 0; NEXT_REVISION
       :: else
       fi;
       leaving = 0; leavingRevision = 0 }

  /* While draining, a holder registers; it counts when git opens. */
  :: atomic { mode == DRAINING && fast[i] && !registering && gitStep == 0 && kind != COMPLETED && !(kind == REGISTERED && claimEpoch == epoch) ->
       readEpoch = epoch; readValue = value; registering = true }
  :: atomic { registering ->
       registering = false;
       if
       :: value == readValue -> put(REGISTERED, ME, readEpoch);
#ifdef EARLY_REGISTRATION
          slow[i] = true; slowValue[i] = value; ONE_HOLDER
#endif
       :: else
       fi;
       readValue = 0 }
  od
}

/* Base first, mode second, etcd last; then one compare-and-set of the board; then etcd is brought in line. */
proctype Projector() {
  byte step = 0, foldEpoch = 0, foundDone = NOBODY, link = 1;
  bool found = false, baseSettled = false;
end: do
  :: atomic { step == 0 && mode == ETCD && closed < epoch -> current[0] = true; baseSettled = settled; step = 1 }
  :: atomic { step == 1 ->
       if
       :: mode == ETCD -> foldEpoch = epoch; step = 2
       :: else -> step = 0
       fi }
  :: atomic { step == 2 ->
       link = life;
       if
       :: OPEN(foldEpoch) -> foundDone = done; found = (claim != NOBODY || done != NOBODY || ready || kind == COMPLETED); step = 3
       :: else -> step = 0
       fi }
  :: atomic { step == 3 ->
       if
       :: current[0] -> moveHead();
          if
          :: foundDone != NOBODY && !baseSettled -> settled = true; baseSettled = true; accept()
          :: else
          fi;
          step = 4
       :: else -> step = 0
       fi }
  :: atomic { step == 4 ->
       if
       :: link == life && OPEN(foldEpoch) && QUARANTINE_OVER ->
          if
          :: foundDone != NOBODY && done == foundDone -> done = NOBODY; NEXT_REVISION
          :: else
          fi;
          if
          :: !found && !baseSettled && claim == NOBODY && done == NOBODY -> ready = true
          :: else
          fi;
          armed = true; ticked = true
       :: true
       fi;
       step = 0; foldEpoch = 0; foundDone = NOBODY; found = false; baseSettled = false }
  od
}

/* Anybody who changes who decides: every step begins from what is read, so that anybody can go on. */
proctype Switcher(byte me) {
  byte step = 0, fillEpoch = 0, fillOwner = NOBODY, fillValue = 0, readValue = 0, foundDone = NOBODY;
  bool baseSettled = false;
end: do
  :: atomic { step == 0 && mode == GIT && epoch + 3 <= EPOCHS ->
       mode = SWITCHING; epoch++; listed = false; manifest = NOBODY; manifestValue = 0 }
  /* Carry, until a list shows no claim that counts and is not carried. */
  :: atomic { step == 0 && mode == SWITCHING && !listed && COUNTS && kind != CARRIED ->
#ifdef NO_CARRY
       listed = true; manifest = owner; manifestValue = value }
#else
       readValue = value; fillEpoch = epoch; fillOwner = owner; step = 1 }
  :: atomic { step == 0 && mode == SWITCHING && !listed && COUNTS && kind == CARRIED && claimEpoch != epoch ->
       readValue = value; fillEpoch = epoch; fillOwner = owner; step = 1 }
#endif
  :: atomic { step == 1 ->
       if
       :: value == readValue -> put(CARRIED, fillOwner, fillEpoch)
       :: else
       fi;
       step = 0; readValue = 0; fillEpoch = 0; fillOwner = NOBODY }
  :: atomic { step == 0 && mode == SWITCHING && !listed && (!COUNTS || (kind == CARRIED && claimEpoch == epoch)) ->
       fillEpoch = epoch; step = 2;
       if
       :: COUNTS -> fillOwner = owner; fillValue = value
       :: else
       fi }
  :: atomic { step == 2 ->
       if
       :: mode == SWITCHING && epoch == fillEpoch && !listed -> listed = true; manifest = fillOwner; manifestValue = fillValue
       :: else
       fi;
       step = 0; fillEpoch = 0; fillOwner = NOBODY; fillValue = 0 }
  /* Fill the space by the manifest, then the epoch key, then the mode. */
  :: atomic { step == 0 && mode == SWITCHING && listed && key != epoch ->
       fillEpoch = epoch; fillOwner = manifest; fillValue = manifestValue; baseSettled = (settled || kind == COMPLETED); step = 3 }
  :: atomic { step == 3 ->
       if
       :: key == fillEpoch                          /* opened: a late filler brings nothing back */
       :: else -> ready = !baseSettled; NEXT_REVISION
       fi;
       step = 4 }
  :: atomic { step == 4 ->
       if
       :: key != fillEpoch && fillOwner != NOBODY && claim == NOBODY ->
          NEXT_REVISION; claim = fillOwner; claimRevision = REVISION; claimNonce = 100 + fillValue
       :: else
       fi;
       step = 5 }
  :: atomic { step == 5 -> key = fillEpoch; step = 0; fillEpoch = 0; fillOwner = NOBODY; fillValue = 0; baseSettled = false }
  :: atomic { step == 0 && mode == SWITCHING && listed && key == epoch -> mode = ETCD }
  :: atomic { step == 0 && mode == SWITCHING && epoch < EPOCHS -> mode = GIT; epoch++; listed = false; manifest = NOBODY; manifestValue = 0 }
  /* Back: drain, close with a fold, wait, open. */
  :: atomic { step == 0 && mode == ETCD -> mode = DRAINING; epoch++ }
  :: atomic { step == 0 && mode == DRAINING && closed < epoch - 1 ->
       current[me] = true; baseSettled = settled; fillEpoch = epoch - 1; step = 6;
       if
       :: key == fillEpoch -> foundDone = done
       :: true                                      /* etcd does not answer */
       fi }
  :: atomic { step == 6 ->
       if
       :: current[me] -> moveHead(); closed = fillEpoch;
          if
          :: foundDone != NOBODY && !baseSettled -> settled = true; accept()
          :: else
          fi
       :: else
       fi;
       step = 0; baseSettled = false; fillEpoch = 0; foundDone = NOBODY }
  /* What nobody registered and etcd shows is kept for its holder; a push may come late. */
  :: atomic { step == 0 && mode == DRAINING && closed < epoch - 1 && GRACE_OVER && key == epoch - 1 && claim != NOBODY &&
              kind != COMPLETED && !(kind == REGISTERED && claimEpoch == epoch) ->
       readValue = value; fillEpoch = epoch; fillOwner = claim; step = 7 }
  :: atomic { step == 7 ->
       if
       :: value == readValue -> put(REGISTERED, fillOwner, fillEpoch)
       :: else
       fi;
       step = 0; readValue = 0; fillEpoch = 0; fillOwner = NOBODY }
  :: atomic { step == 0 && mode == DRAINING && IS_CLOSED && GRACE_OVER -> mode = GIT; since = epoch; epoch++ }
  od
}

/* Folds of git's own completions; etcd's clock; wipes and old backups. */
proctype World() {
end: do
  :: atomic { kind == COMPLETED -> settled = true; moveHead(); clear() }
  :: atomic { claim != NOBODY && LEASE_OVER -> claim = NOBODY; claimNonce = 0; claimRevision = 0; NEXT_REVISION }
  :: atomic { key != 0 && wipes < WIPES -> wipes++; key = 0; claim = NOBODY; claimNonce = 0; claimRevision = 0; done = NOBODY; ready = false; armed = false; NEXT_REVISION }
  :: atomic { key != 0 && RESTORES > 0 && !saved && restores < RESTORES ->
       saved = true; savedKey = key; savedClaim = claim; savedNonce = claimNonce; savedClaimRevision = claimRevision;
       savedDone = done; savedReady = ready; savedArmed = armed; savedRevision = REVISION }
  :: atomic { restores < RESTORES && key != 0 ->
       restores++; life++; ticked = false;
       key = savedKey; claim = savedClaim; claimNonce = savedNonce; claimRevision = savedClaimRevision;
       done = savedDone; ready = savedReady; armed = savedArmed; RESTORE_REVISION;
       saved = false; savedKey = 0; savedClaim = 0; savedNonce = 0; savedClaimRevision = 0; savedDone = 0;
       savedReady = false; savedArmed = false; savedRevision = 0 }
  od
}

init {
  byte n = 0;
  atomic {
#ifdef START_IN_ETCD
    mode = ETCD; epoch = 1; listed = true; key = 1; ready = true;
#endif
    run Session(0); run Session(1); run Projector(); run World();
    do
    :: n < SWITCHERS -> n++; run Switcher(n)
    :: else -> break
    od
  }
}
