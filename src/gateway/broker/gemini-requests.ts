import {
  ADDRESS,
  CONNECTOR,
  FREE,
  hosted,
  list,
  MODEL,
  NO_WORD,
  object,
  orText,
  PLAIN,
  PLAINS,
  plain,
  plainFields,
  refused,
  type Shape,
  type ShapeFields,
  STORED,
} from "./shape.ts";

// Source: types of @google/genai 2.32.0, read 2026-12-01; requests of Gemini CLI 0.61.0. The service also takes names with underscores.

const DATA = plain("data", "mimeType", "displayName");
const FILE = object({ ...plainFields("mimeType", "displayName"), fileUri: ADDRESS });
const MEDIA: ShapeFields = { inlineData: DATA, fileData: FILE, mediaProcessing: PLAIN };
const PART = object({
  ...plainFields("text", "thought", "thoughtSignature"),
  ...MEDIA,
  functionCall: object({ ...plainFields("id", "name", "willContinue"), args: FREE, partialArgs: FREE }),
  functionResponse: object({
    ...plainFields("id", "name", "scheduling", "willContinue"),
    response: FREE,
    parts: list(object(MEDIA)),
  }),
  executableCode: plain("code", "language", "id"),
  codeExecutionResult: plain("outcome", "output", "id"),
  toolCall: object({ ...plainFields("id", "toolType"), args: FREE }),
  toolResponse: object({ ...plainFields("id", "toolType"), response: FREE }),
  videoMetadata: plain("startOffset", "endOffset", "fps"),
  mediaResolution: orText(plain("level", "numTokens")),
  partMetadata: FREE,
});
const CONTENT = object({ role: PLAIN, parts: list(PART) });

/** What its search may look at is chosen by the service and the model alone. */
const SEARCH = hosted(
  { word: "web-search" },
  {
    blockingConfidence: PLAIN,
    excludeDomains: PLAINS,
    searchTypes: object({ imageSearch: object({}), webSearch: object({}) }),
    timeRangeFilter: plain("startTime", "endTime"),
    dynamicRetrievalConfig: plain("mode", "dynamicThreshold"),
  },
);
const OTHER_SEARCH = refused("model-tool", "No input allows this search of the model's service: leave the tool out.");
const TOOL = object({
  functionDeclarations: list(
    object({
      ...plainFields("name", "description", "behavior"),
      parameters: FREE,
      parametersJsonSchema: FREE,
      response: FREE,
      responseJsonSchema: FREE,
    }),
  ),
  googleSearch: SEARCH,
  googleSearchRetrieval: SEARCH,
  urlContext: hosted({ word: "web-fetch" }, {}),
  codeExecution: hosted({ word: "code-execution" }, {}),
  fileSearch: hosted({ word: "file-search" }, { ...plainFields("metadataFilter", "topK"), fileSearchStoreNames: PLAINS }),
  computerUse: NO_WORD,
  mcpServers: CONNECTOR,
  retrieval: CONNECTOR,
  ...{ googleMaps: OTHER_SEARCH, enterpriseWebSearch: OTHER_SEARCH, exaAiSearch: OTHER_SEARCH, parallelAiSearch: OTHER_SEARCH },
});

const VOICE = object({ prebuiltVoiceConfig: plain("voiceName"), voice: PLAIN });
const GENERATION = object({
  ...plainFields("temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "responseLogprobs", "logprobs", "seed"),
  ...plainFields(
    "presencePenalty",
    "frequencyPenalty",
    "responseMimeType",
    "mediaResolution",
    "audioTimestamp",
    "enableEnhancedCivicAnswers",
  ),
  stopSequences: PLAINS,
  responseModalities: PLAINS,
  ...{ responseSchema: FREE, responseJsonSchema: FREE },
  thinkingConfig: plain("includeThoughts", "thinkingBudget", "thinkingLevel"),
  imageConfig: object({
    ...plainFields("aspectRatio", "imageSize", "personGeneration", "outputMimeType", "outputCompressionQuality", "prominentPeople"),
    imageOutputOptions: plain("mimeType", "compressionQuality"),
  }),
  speechConfig: object({
    languageCode: PLAIN,
    voiceConfig: VOICE,
    multiSpeakerVoiceConfig: object({ speakerVoiceConfigs: list(object({ speaker: PLAIN, voiceConfig: VOICE })) }),
  }),
  routingConfig: object({ manualMode: object({ modelName: MODEL }) }),
});

const GENERATE: ShapeFields = {
  model: MODEL,
  contents: list(CONTENT),
  systemInstruction: CONTENT,
  tools: list(TOOL),
  toolConfig: object({
    functionCallingConfig: object({ ...plainFields("mode", "streamFunctionCallArguments"), allowedFunctionNames: PLAINS }),
    retrievalConfig: object({ languageCode: PLAIN, latLng: plain("latitude", "longitude") }),
    includeServerSideToolInvocations: PLAIN,
  }),
  safetySettings: list(plain("category", "method", "threshold")),
  generationConfig: GENERATION,
  serviceTier: PLAIN,
  cachedContent: STORED,
  store: STORED,
};

/** `generateContent` and `streamGenerateContent`. */
export const GEMINI_REQUEST: Shape = object(GENERATE);

export const GEMINI_COUNT_REQUEST: Shape = object({ ...GENERATE, generateContentRequest: GEMINI_REQUEST });
