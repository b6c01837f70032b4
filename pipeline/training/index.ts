/** Training of text classifiers from labelled lines: recipe, lines, training, scores. */
export { loadTrainingRecipe, type TrainingKind, type TrainingRecipe, trainingRecipeSchema } from "./recipe.js";
export type { Scores } from "./scores.js";
export { type TrainedModel, type TrainingProgress, train } from "./train.js";
