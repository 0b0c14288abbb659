// This file only holds the place of the target until its first source file lands.
