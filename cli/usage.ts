import { type FaultKind, FAULTS } from '../src/core/faults';
import { faultUsage } from '../src/core/faultText';
import { GUARDS } from '../src/core/guards';
import { DEFAULT_HUB } from '../src/protocol/models';

export const DEFAULT_BASE = 'http://localhost:4173/';

const FAULT_LIST = Object.keys(FAULTS)
  .map((kind) => `                                ${faultUsage(kind as FaultKind)}`)
  .join('\n');

export const USAGE = `Usage:
  npm run --silent lab -- run --model MODEL --prompt TEXT [options]
      --onnx FILE             instead of a model: somebody's ONNX export, whose rotation is found and made an input; its
                              tokenizer.json and config.json are beside it, or in the directory of --model
      --hub URL               of the hub of a hub:… model; unless given, HF_ENDPOINT, else ${DEFAULT_HUB}
      --packing NAME          how its weights are held: keep (as stored), float16 or int4; unless given, what this machine
                              has room for, keep if it can
      --fault NAME[:PARAMETER=VALUE,...]
                              adds a lane with that fault; may be given again. There are:
${FAULT_LIST}
      --guard NAME            guard of the lane before it: ${Object.keys(GUARDS).join(', ')}
      --max-new-tokens N      48 unless given
      --mode MODE             free (each lane continues its own text), or teacher-forced (every lane reads the healthy
                              text; --json then gives kl, the KL(healthy || lane) of each step in nats)
      --top-k N               logits reported per step, 5 unless given
      --json                  one JSON document instead of the comparison
  npm run --silent lab -- link --model MODEL --prompt TEXT [options]
                              runs the same, and prints the link of the run alone
      --base URL              of the page that opens it, ${DEFAULT_BASE} unless given
  npm run --silent lab -- repro LINK_OR_FILE [options]
                              makes the run of a link, or of a JSON bundle, and says whether the same comes of it
      --model MODEL           unless given, the link's own: the bundled one, or one of a hub that is stored here
      --hub, --packing        of --model, as above; a link that says how the weights were held is run with them held so
      --download              fetches the link's own model, at the commit that the link names, if it is not stored here
      --json                  one JSON document instead of a sentence: verdict, sentence, expected, found
  npm run --silent lab -- export --model DIR [options]
      --out FILE              DIR/model.onnx unless given
      --self-contained        with the weights in the same file
      --taps                  also outputs q and k before and after the rotation
      --playground            the graph that the playground runs: q and k as one output, trace, and an input, pairing
      --logits last|all       of the last position (the default) or of every position
The healthy lane is always the first.
MODEL is DIR, or hub:OWNER/NAME[@REVISION]: a repository of a hub, at a branch, a tag or a commit, main unless given. It is
fetched once, checked against the hub's hashes, and kept: in ROPE_LAB_CACHE, else in rope-collapse-playground in
XDG_CACHE_HOME or ~/.cache. What an interrupted download has brought is kept too.
DIR is a Hugging Face directory: config.json, model.safetensors or its shards and their index, tokenizer.json.
Exit status: 0 done, 1 failed, 2 wrong arguments. Of repro: 0 reproduced, 1 not reproduced, 2 wrong arguments or not a
valid link or bundle, 3 it cannot be run here: the model is not available, has other weights, or does not take it.
`;
