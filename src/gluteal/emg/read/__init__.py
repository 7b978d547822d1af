"""Read: EMG recordings, one small module per format, one function for all of them.

In: file formats and their faults. Out: sessions, filters, guesses about muscles beyond the label.
"""

from gluteal.emg.read.load import FORMATS, load_recording, name_channels, read_contents

__all__ = ["FORMATS", "load_recording", "name_channels", "read_contents"]
